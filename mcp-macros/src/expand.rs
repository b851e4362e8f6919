//! What is generated beside a function: the type of its name, and the implementation that makes a handler of it.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Path, ext::IdentExt};

use crate::{
    common::{self, root_or_default},
    definition::Definition,
    errors::Errors,
    handler::{Function, GROUP, Head, Kind, Place},
    lints, span, strip,
};

/// Makes a definition of the options and the function of a macro.
pub(crate) type Define = fn(TokenStream, &Function, &mut Errors) -> Definition;

/// The option of an attribute that a group has read already and leaves behind for the compiler to resolve.
pub(crate) const READ: &str = "__read";

/// Expands a macro on a function that stands by itself.
pub(crate) fn free(
    kind: Kind,
    define: Define,
    options: TokenStream,
    item: TokenStream,
) -> TokenStream {
    if options.to_string() == READ {
        return TokenStream::new();
    }
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
    // Where the name is taken already, the name is blamed.
    let handle = quote_spanned!(span::ends(&ident).0=> struct #ident {});
    quote! {
        #[doc = #doc]
        #vis #handle
        #lints
        const _: () = {
            use #root::__private::{self as __mcp, traits::*};
            #items
        };
    }
}

fn head(kind: Kind, item: TokenStream) -> syn::Result<Head> {
    let is_before_fn =
        |token: &TokenTree| !matches!(token, TokenTree::Ident(ident) if ident == "fn");
    let is_other = |token: &TokenTree| match token {
        TokenTree::Ident(ident) => OTHER_ITEMS.iter().any(|other| ident == other),
        _ => false,
    };
    let other = item
        .clone()
        .into_iter()
        .take_while(is_before_fn)
        .find(is_other);
    syn::parse2(item).map_err(|error| match other {
        Some(other) => {
            let noun = kind.noun();
            let advice = format!(
                "`#[{noun}]` goes on a function: for all functions of a module or of an `impl` block write `{GROUP}` \
                 on that"
            );
            syn::Error::new(other.span(), advice)
        }
        None => error,
    })
}

/// The words that begin items other than functions.
const OTHER_ITEMS: &[&str] = &[
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
