//! `#[group] impl …`: the methods of a type become handlers, and a value of it their list.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, Generics, Meta, Path, Token, Type,
    parse::{Parse, ParseStream},
    spanned::Spanned,
};

use super::member::Member;
use crate::{
    definition::Definition,
    errors::Errors,
    expand,
    handler::{Function, GROUP, Kind, Place},
    lints, prompt, resource, span, strip, tool,
};

/// Makes handlers of the methods that carry an attribute.
pub(super) fn expand(root: &Path, item: TokenStream, errors: &mut Errors) -> TokenStream {
    let Some(header) = errors.ok(syn::parse2::<Header>(item.clone())) else {
        return item;
    };
    header.check(errors);
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.last_mut() else {
        return tokens.into_iter().collect();
    };
    let members = Member::split(body.stream());
    if !members.iter().any(Member::is_marked) {
        errors.push(
            &header.self_ty,
            "there is no handler in this block: put `#[tool]`, `#[resource(\"…\")]` or `#[prompt]` on a method",
        );
    }
    let imports = imports(&members);
    let mut methods = Vec::new();
    let mut verbatim = TokenStream::new();
    for member in members {
        let method = Method::new(&member, &header.self_ty, errors);
        if let Some(method) = &method {
            verbatim.extend(lints::excuses(&method.function));
        }
        verbatim.extend(if member.is_marked() {
            strip::handler_attributes(strip::parameters(member.tokens))
        } else {
            member.tokens
        });
        methods.extend(method);
    }
    refuse_duplicates(&methods, errors);
    let span = body.span();
    *body = Group::new(Delimiter::Brace, verbatim);
    body.set_span(span);
    let generated = header.implementation(root, &imports, &methods, errors);
    quote!(#(#tokens)* #generated)
}

/// What stands before the braces.
struct Header {
    generics: Generics,
    self_ty: Type,
    for_token: Option<Token![for]>,
}

impl Parse for Header {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Option<Token![unsafe]>>()?;
        input.parse::<Token![impl]>()?;
        let generics = input.parse()?;
        input.parse::<Option<Token![!]>>()?;
        let self_ty = input.parse()?;
        let for_token = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self {
            generics,
            self_ty,
            for_token,
        })
    }
}

impl Header {
    fn check(&self, errors: &mut Errors) {
        if !self.generics.params.is_empty() {
            errors.push(
                &self.generics,
                "the methods of a generic type cannot be handlers: write the block for one type, such as `impl \
                 Service<Database>`",
            );
        }
        if let Some(token) = &self.for_token {
            errors.push(
                token,
                "the methods of a trait cannot be handlers: write a block without a trait, whose methods call those \
                 of the trait",
            );
        }
    }

    fn implementation(
        &self,
        root: &Path,
        imports: &TokenStream,
        methods: &[Method],
        errors: &Errors,
    ) -> TokenStream {
        if self.for_token.is_some() || !self.generics.params.is_empty() {
            return TokenStream::new();
        }
        let self_ty = &self.self_ty;
        let body = if errors.any() {
            expand::unreachable()
        } else {
            let handlers = methods.iter().map(Method::handler);
            quote! {
                let __service = __mcp::Arc::new(self);
                let __handlers = __mcp::Handlers::new();
                #(#handlers)*
                __handlers
            }
        };
        // It stands where the type does: a type that cannot be shared, or has two blocks, is blamed there, once.
        let ty = span::generated(self_ty);
        let handlers = quote! {
            fn into_handlers(self) -> __mcp::Handlers {
                #body
            }
        };
        let implementation = quote_spanned! {span::ends(&ty).0=>
            impl __mcp::IntoHandlers for #ty
            where
                #ty: ::core::marker::Send + ::core::marker::Sync + 'static
            {
                #handlers
            }
        };
        quote! {
            const _: () = {
                #imports
                use #root::__private::{self as __mcp, traits::*};
                #[automatically_derived]
                #implementation
            };
        }
    }
}

/// A method that is a handler.
struct Method {
    cfgs: Vec<Attribute>,
    function: Function,
    definition: Definition,
}

impl Method {
    fn new(member: &Member, self_ty: &Type, errors: &mut Errors) -> Option<Self> {
        member.refuse_conditional_attributes(errors);
        let (kind, _) = member.handler_attributes().next()?;
        let item = with_self(member.tokens.clone(), self_ty);
        let mut function = Function::parse(kind, Place::Method, item, errors)?;
        let mut attrs = function
            .attrs
            .iter()
            .filter(|attr| Kind::of(attr.path()).is_some());
        let attr = attrs.next()?;
        for other in attrs {
            errors.push(other.path(), expand::two_kinds(kind));
        }
        let options = match &attr.meta {
            Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        function.macro_span = attr.path().span();
        let define = match kind {
            Kind::Tool => tool::define,
            Kind::Resource => resource::define,
            Kind::Prompt => prompt::define,
        };
        let definition = define(options, &function, errors);
        if let Some(root) = &definition.common.root {
            errors.push(
                root,
                format!(
                    "the path of the runtime is the same for all methods: write `crate = …` at `{GROUP}`"
                ),
            );
        }
        Some(Self {
            cfgs: member.cfgs(),
            function,
            definition,
        })
    }

    fn handler(&self) -> TokenStream {
        let Self {
            cfgs,
            function,
            definition,
        } = self;
        let lints = lints::switched_off(&function.attrs);
        let constants = definition.constants();
        let component = definition.component(function);
        let service = function
            .has_receiver
            .then(|| quote!(let __service = __mcp::Arc::clone(&__service);));
        quote! {
            #(#cfgs)*
            #lints
            let __handlers = __handlers.with_component({
                #constants
                #service
                #component
            });
        }
    }
}

/// Uses the attributes that have been read: their imports are not unused, and if one is missing, the compiler says so in its
/// own words and offers the import.
fn imports(members: &[Member]) -> TokenStream {
    let mut seen = HashSet::new();
    let attributes = members.iter().flat_map(Member::handler_attributes);
    let paths = attributes.map(|(_, attr)| span::generated(attr.path()));
    paths
        .filter(|path| seen.insert(path.to_string()))
        .map(|path| {
            let read = Ident::new(expand::READ, Span::call_site());
            quote_spanned!(span::ends(&path).0=> #[#path(#read)] const _: () = ();)
        })
        .collect()
}

fn refuse_duplicates(methods: &[Method], errors: &mut Errors) {
    for (at, method) in methods.iter().enumerate() {
        let (kind, unique) = (method.function.kind, &method.definition.unique);
        let same = |other: &&Method| {
            other.function.kind == kind && other.definition.unique.value() == unique.value()
        };
        // Of methods under conditions, only one may exist.
        let sure = |other: &&Method| other.cfgs.is_empty() && method.cfgs.is_empty();
        if methods[..at].iter().filter(sure).any(|other| same(&other)) {
            errors.push(
                unique,
                format!(
                    "another {} of this block is already called `{}`: rename one of them",
                    kind.noun(),
                    unique.value()
                ),
            );
        }
    }
}

/// Writes the type out where `Self` stands: the items that are generated have no `Self`.
fn with_self(tokens: TokenStream, self_ty: &Type) -> TokenStream {
    let mut written = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let ty = at(self_ty.to_token_stream(), ident.span());
                // `Self::LIMIT` becomes `<Service>::LIMIT`, which is right for every type.
                let is_path = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                written.extend(if is_path { quote!(<#ty>) } else { ty });
            }
            TokenTree::Group(group) => {
                let mut changed = Group::new(group.delimiter(), with_self(group.stream(), self_ty));
                changed.set_span(group.span());
                written.extend([TokenTree::Group(changed)]);
            }
            other => written.extend([other]),
        }
    }
    written
}

/// Moves tokens to another place.
fn at(tokens: TokenStream, span: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            token = TokenTree::Group(Group::new(group.delimiter(), at(group.stream(), span)));
        }
        token.set_span(span);
        token
    });
    moved.collect()
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn self_is_written_out() {
        let ty: Type = parse_quote!(Service<u8>);
        let tokens = quote!(fn a(&self, b: Option<Self>, c: [u8; Self::N]) -> Self);
        let expected =
            quote!(fn a(&self, b: Option<Service<u8>>, c: [u8; <Service<u8>>::N]) -> Service<u8>);
        let shown = |tokens: TokenStream| tokens.to_string().replace(' ', "");
        assert_eq!(shown(with_self(tokens, &ty)), shown(expected));
    }
}
