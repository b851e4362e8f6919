//! What is generated beside a function: the type of its name, and the implementation that makes a handler of it.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{LitStr, Path, ReturnType, ext::IdentExt};

use crate::{
    argument::{self, Parameter},
    common::{self, Common, root_or_default},
    errors::Errors,
    handler::{Function, GROUP, Head, Kind, Place},
    lints, span, strip,
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
    let mut verbatim = strip::parameters(item.clone());
    if let Some(other) = head
        .attrs
        .iter()
        .find(|attr| Kind::of(attr.path()).is_some())
    {
        errors.push(other.path(), two_kinds(kind));
        verbatim = strip::handler_attributes(verbatim);
    }
    let expanded = match Function::parse(kind, Place::Free, item, &mut errors) {
        Some(function) => {
            let definition = define(options, &function, &mut errors);
            let root = definition.common.root.clone();
            match errors.any() {
                false => {
                    let excuses = lints::excuses(&function);
                    let handler = handler(&head, &function, &definition);
                    quote!(#excuses #verbatim #handler)
                }
                // Beside a method nothing can stand that a stub is made of.
                true if function.is_in_impl => verbatim,
                true => {
                    let stub = stub(kind, &head, root);
                    quote!(#verbatim #stub)
                }
            }
        }
        None => {
            let stub = stub(kind, &head, common::root_among(options));
            quote!(#verbatim #stub)
        }
    };
    let errors = errors.into_compile_errors();
    quote!(#expanded #errors)
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
    pub(crate) fn component(&self, function: &Function) -> TokenStream {
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
        let run = self.run(function);
        let common = &common.setters;
        let parameters = self.parameters.iter().enumerate().map(|(at, parameter)| {
            let (constant, cfgs) = (argument::idents(at).0, parameter.cfgs());
            quote!(#(#cfgs)* &#constant)
        });
        let parameters =
            (!self.parameters.is_empty()).then(|| quote!(.parameters(&[#(#parameters),*])));
        quote! {
            let __output = #output;
            let __run = #run;
            #constructor(#arguments, __run) #common #setters #parameters
        }
    }

    /// How the output becomes a reply. The calls stand where the types do that must fit, so that they are blamed there.
    fn output(&self, function: &Function) -> TokenStream {
        let [(first, last), (error, _)] = function.output_ends();
        let ty = match &function.output {
            ReturnType::Type(_, ty) => ty.to_token_stream(),
            ReturnType::Default => quote!(()),
        };
        let convert = Ident::new(self.kind.noun(), last);
        let convert = quote_spanned!(first=> __mcp::Output::<#ty>::#convert());
        let finish = Ident::new("finish", error);
        quote!((&#convert).#finish())
    }

    /// The closure that calls the function. The future stands where the function's name does, so that it is blamed if it is not
    /// `Send`.
    fn run(&self, function: &Function) -> TokenStream {
        let ident = &function.ident;
        let arguments = self.parameters.iter().enumerate().map(|(at, parameter)| {
            let (variable, cfgs) = (argument::idents(at).1, parameter.cfgs());
            quote!(#(#cfgs)* #variable?)
        });
        let arguments: Vec<TokenStream> = arguments.collect();
        let call = match (function.place, function.has_receiver) {
            (Place::Method, true) => quote!(Self::#ident(&__service #(, #arguments)*)),
            (Place::Method, false) => quote!(Self::#ident(#(#arguments),*)),
            (Place::Free, _) => quote!(#ident(#(#arguments),*)),
        };
        let wait = function
            .is_async
            .then(|| quote_spanned!(ident.span()=> .await));
        let takes = self.takes();
        // The variables keep out of this: in a macro of the user's own, one that stands elsewhere is not seen.
        let reply = quote!(#takes __output.reply(#call #wait));
        let future = quote_spanned!(ident.span()=> __mcp::boxed(async move { #reply }));
        let parameter = if self.parameters.is_empty() {
            quote!(_)
        } else {
            quote!(mut __call)
        };
        match (function.place, function.has_receiver) {
            (Place::Method, true) => quote! {
                move |#parameter: __mcp::Call| {
                    let __service = __mcp::Arc::clone(&__service);
                    #future
                }
            },
            _ => quote!(move |#parameter: __mcp::Call| #future),
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
    let ident = span::generated(&head.ident);
    let constants = definition.constants();
    let component = definition.component(function);
    let kind = Ident::new(definition.kind.noun(), Span::call_site());
    let unique = definition.unique.value();
    let lints = lints::switched_off(&function.attrs);
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
            __mcp::collect!(#ident);
        },
    )
}

/// Stands in for a handler with mistakes, so that they are the only ones that are reported.
fn stub(kind: Kind, head: &Head, root: Option<Path>) -> TokenStream {
    let ident = span::generated(&head.ident);
    let name = head.ident.unraw().to_string();
    let kind_ident = Ident::new(kind.noun(), Span::call_site());
    let implementation = implementation(
        &ident,
        &quote!(__mcp::Key::#kind_ident(#name)),
        &unreachable(),
    );
    beside(head, kind, root, &TokenStream::new(), &implementation)
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
    lints: &TokenStream,
    items: &TokenStream,
) -> TokenStream {
    let root = root_or_default(root);
    let (vis, ident) = (span::generated(&head.vis), span::generated(&head.ident));
    let doc = format!(
        " The {} `{}`, for a list of handlers.",
        kind.noun(),
        head.ident.unraw()
    );
    quote! {
        #[doc = #doc]
        #vis struct #ident {}
        #lints
        const _: () = {
            use #root::__private::{self as __mcp, traits::*};
            #items
        };
    }
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
