//! What is generated beside a function: the type of its name, and the implementation that makes a handler of it.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{LitStr, Path, ReturnType, ext::IdentExt};

use crate::{
    argument::{self, Parameter},
    common::{Common, root_or_default},
    errors::Errors,
    handler::{Function, GROUP, Head, Kind, Place},
    strip,
};

/// A handler, validated: all that differs between the kinds.
pub(crate) struct Definition {
    pub(crate) kind: Kind,
    pub(crate) common: Common,
    pub(crate) parameters: Vec<Parameter>,
    /// The name or the URI that no other handler of the kind may have.
    pub(crate) unique: LitStr,
    /// The arguments of the constructor that stand before the function.
    pub(crate) arguments: TokenStream,
    /// The calls that set what only this kind has.
    pub(crate) setters: TokenStream,
}

/// Makes a definition of the options and the function of a macro.
pub(crate) type Define = fn(TokenStream, &Function, &mut Errors) -> Definition;

/// How the function is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callee {
    Free,
    Method,
}

/// Expands a macro on a function that stands by itself.
pub(crate) fn free(
    kind: Kind,
    define: Define,
    options: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let mut errors = Errors::default();
    let Some(head) = errors.ok(head(kind, item.clone())) else {
        let errors = errors.into_compile_errors();
        return quote!(#item #errors);
    };
    let mut verbatim = verbatim(item.clone());
    if let Some(other) = head.attrs.iter().find(|attr| Kind::of(attr).is_some()) {
        errors.push(other.path(), two_kinds(kind));
        verbatim = strip::handler_attributes(verbatim);
    }
    let generated = match Function::parse(kind, Place::Free, item, &mut errors) {
        Some(function) => {
            let definition = define(options, &function, &mut errors);
            match errors.any() {
                // Beside a method nothing can stand that a stub is made of.
                true if function.is_in_impl => TokenStream::new(),
                true => stub(kind, &head, definition.common.root),
                false => handler(&head, &function, &definition),
            }
        }
        None => stub(kind, &head, None),
    };
    let errors = errors.into_compile_errors();
    quote!(#verbatim #generated #errors)
}

/// The user's function, as it is emitted on every path.
pub(crate) fn verbatim(function: TokenStream) -> TokenStream {
    let function = strip::parameters(function);
    // Lints about what the macros ask for: owned values, as many as the clients send, and errors whose meaning is not for
    // the callers of the function.
    quote! {
        #[allow(
            clippy::missing_errors_doc, clippy::needless_pass_by_value, clippy::too_many_arguments, clippy::unused_async,
            reason = "clients call it"
        )]
        #function
    }
}

/// What is said about a function with two macros.
pub(crate) fn two_kinds(kind: Kind) -> String {
    format!(
        "the function is a {} already: write another function, which may call this one",
        kind.noun()
    )
}

/// The body of a function that is never called, because the program does not compile.
pub(crate) fn unreachable() -> TokenStream {
    quote!(::core::unreachable!(
        "the compiler has said what is wrong here"
    ))
}

impl Definition {
    /// The constants of the parameters.
    pub(crate) fn constants(&self) -> TokenStream {
        let constants = self.parameters.iter().enumerate();
        constants
            .map(|(at, parameter)| parameter.constant(&argument::idents(at).0))
            .collect()
    }

    /// The statements and the expression that make the handler as a value.
    pub(crate) fn component(&self, function: &Function, callee: Callee) -> TokenStream {
        let Self {
            kind,
            common,
            arguments,
            setters,
            ..
        } = self;
        let constructor = match kind {
            Kind::Tool => quote!(__mcp::Tool::new),
            Kind::Resource => quote!(__mcp::Resource::new),
            Kind::Prompt => quote!(__mcp::Prompt::new),
        };
        let output = self.output(function);
        let run = self.run(function, callee);
        let common = &common.setters;
        let parameters = self.parameters.iter().enumerate().map(|(at, parameter)| {
            let (constant, cfgs) = (argument::idents(at).0, parameter.cfgs());
            quote!(#(#cfgs)* &#constant)
        });
        let parameters =
            (!self.parameters.is_empty()).then(|| quote!(.parameters(&[#(#parameters),*])));
        quote! {
            let __output = #output;
            #constructor(#arguments, #run) #common #setters #parameters
        }
    }

    /// How the output becomes a reply. It stands where the return type does, so that a type that is no output is blamed there.
    fn output(&self, function: &Function) -> TokenStream {
        let kind = Ident::new(self.kind.noun(), Span::call_site());
        match &function.output {
            ReturnType::Type(_, ty) => {
                let (first, _) = argument::ends(ty);
                quote_spanned!(first=> (&__mcp::Output::<#ty>::#kind()).finish())
            }
            ReturnType::Default => quote!((&__mcp::Output::<()>::#kind()).finish()),
        }
    }

    /// The closure that calls the function. The future stands where the function's name does, so that it is blamed if it is not
    /// `Send`.
    fn run(&self, function: &Function, callee: Callee) -> TokenStream {
        let ident = &function.ident;
        let arguments = self.parameters.iter().enumerate().map(|(at, parameter)| {
            let (variable, cfgs) = (argument::idents(at).1, parameter.cfgs());
            quote!(#(#cfgs)* #variable?)
        });
        let arguments: Vec<TokenStream> = arguments.collect();
        let call = match (callee, function.has_receiver) {
            (Callee::Method, true) => quote!(Self::#ident(&__service #(, #arguments)*)),
            (Callee::Method, false) => quote!(Self::#ident(#(#arguments),*)),
            (Callee::Free, _) => quote!(#ident(#(#arguments),*)),
        };
        let wait = function
            .is_async
            .then(|| quote_spanned!(ident.span()=> .await));
        let takes = self.takes();
        let future = quote_spanned! {ident.span()=>
            __mcp::boxed(async move {
                #takes
                __output.reply(#call #wait)
            })
        };
        let service = (callee == Callee::Method && function.has_receiver)
            .then(|| quote!(let __service = __mcp::Arc::clone(&__service);));
        match self.parameters.is_empty() {
            true => quote!(move |_| { #service #future }),
            false => quote!(move |mut __call| { #service #future }),
        }
    }

    /// Takes the arguments; those that are flattened take what is left.
    fn takes(&self) -> TokenStream {
        let all = || self.parameters.iter().enumerate();
        let plain = all().filter(|(_, parameter)| parameter.flatten.is_none());
        let flattened = all().filter(|(_, parameter)| parameter.flatten.is_some());
        let takes = plain.chain(flattened).map(|(at, parameter)| {
            let cfgs = parameter.cfgs();
            let (constant, variable) = argument::idents(at);
            quote!(#(#cfgs)* let #variable = #constant.take(&mut __call);)
        });
        let check = (!self.parameters.is_empty()).then(|| quote!(__call.check()?;));
        quote!(#(#takes)* #check)
    }
}

fn handler(head: &Head, function: &Function, definition: &Definition) -> TokenStream {
    let ident = generated(&head.ident);
    let constants = definition.constants();
    let component = definition.component(function, Callee::Free);
    let kind = Ident::new(definition.kind.noun(), Span::call_site());
    let unique = definition.unique.value();
    let lints = function.allowed_lints();
    let implementation = implementation(
        &ident,
        &quote!(__mcp::Key::#kind(#unique)),
        &quote!(#component .into()),
    );
    beside(
        head,
        definition.kind,
        definition.common.root.clone(),
        &lints,
        &quote! {
            #constants
            #implementation
            __mcp::collect! { #ident }
        },
    )
}

/// Stands in for a handler with mistakes, so that they are the only ones that are reported.
fn stub(kind: Kind, head: &Head, root: Option<Path>) -> TokenStream {
    let ident = generated(&head.ident);
    let name = head.ident.unraw().to_string();
    let kind_ident = Ident::new(kind.noun(), Span::call_site());
    let implementation = implementation(
        &ident,
        &quote!(__mcp::Key::#kind_ident(#name)),
        &unreachable(),
    );
    beside(head, kind, root, &[], &implementation)
}

fn implementation(ident: &TokenStream, key: &TokenStream, component: &TokenStream) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl __mcp::Handler for #ident {
            const KEY: __mcp::Key = #key;
            fn component() -> __mcp::Component {
                #component
            }
        }
    }
}

/// The type of the function's name, and a scope of its own for everything else.
fn beside(
    head: &Head,
    kind: Kind,
    root: Option<Path>,
    lints: &[TokenStream],
    items: &TokenStream,
) -> TokenStream {
    let root = root_or_default(root);
    let (vis, ident) = (generated(&head.vis), generated(&head.ident));
    let doc = format!(
        "The {} `{}`, for a list of handlers.",
        kind.noun(),
        head.ident.unraw()
    );
    quote! {
        #[doc = #doc]
        #vis struct #ident {}
        #(#lints)*
        const _: () = {
            use #root::__private::{self as __mcp, tiers::*};
            #items
        };
    }
}

/// Marks tokens of the user as generated, so that lints about them are not told twice.
fn generated(tokens: &impl ToTokens) -> TokenStream {
    let marked = tokens
        .to_token_stream()
        .into_iter()
        .map(|mut token: TokenTree| {
            token.set_span(token.span().resolved_at(Span::call_site()));
            token
        });
    marked.collect()
}

fn head(kind: Kind, item: TokenStream) -> syn::Result<Head> {
    let others = [
        "struct",
        "enum",
        "union",
        "trait",
        "impl",
        "mod",
        "const",
        "static",
        "type",
        "use",
        "macro_rules",
    ];
    let mut words = item
        .clone()
        .into_iter()
        .take_while(|token| !matches!(token, TokenTree::Ident(ident) if ident == "fn"));
    let other = words.find(|token| matches!(token, TokenTree::Ident(ident) if others.iter().any(|other| ident == other)));
    syn::parse2(item).map_err(|error| match other {
        Some(other) => syn::Error::new(other.span(), format!("`#[{}]` goes on a function: for all functions of a module or of an `impl` block write `{GROUP}` on that", kind.noun())),
        None => error,
    })
}
