//! `#[group]`: makes handlers of the functions in a module, or of the methods of a type.

mod member;
mod module;
mod service;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::Path;

use crate::{
    common::{CRATE, root_or_default, take_root},
    errors::Errors,
    handler::GROUP,
    options::Options,
};

/// Expands `#[group]`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let root = root(options, &mut errors);
    let keyword = keyword(&item);
    let expanded = match &keyword {
        Some(TokenTree::Ident(keyword)) if keyword == "mod" => {
            module::expand(&root, item, &mut errors)
        }
        Some(TokenTree::Ident(keyword)) if keyword == "impl" => {
            service::expand(&root, item, &mut errors)
        }
        _ => {
            let advice = format!(
                "`{GROUP}` goes on a `mod` or an `impl` block: on a function write `#[tool]`, `#[resource(\"…\")]` \
                 or `#[prompt]`"
            );
            errors.push(keyword, advice);
            item
        }
    };
    let errors = errors.into_compile_errors();
    quote!(#expanded #errors)
}

fn root(options: TokenStream, errors: &mut Errors) -> Path {
    let mut options = Options::parse(options, &[&[CRATE]], errors);
    root_or_default(take_root(&mut options, errors))
}

/// The word that tells what an item is.
fn keyword(item: &TokenStream) -> Option<TokenTree> {
    let words = [
        "mod",
        "impl",
        "fn",
        "struct",
        "enum",
        "union",
        "trait",
        "type",
        "const",
        "static",
        "use",
        "macro_rules",
    ];
    item.clone().into_iter().find(
        |token| matches!(token, TokenTree::Ident(ident) if words.iter().any(|word| ident == word)),
    )
}
