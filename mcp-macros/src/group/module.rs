//! `#[group] mod …`: the module gets a function that lists its handlers.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Ident, Path};

use super::member::Member;
use crate::{
    errors::Errors,
    handler::GROUP,
    list::{self, Element},
};

/// Adds the function `handlers` to a module.
pub(super) fn expand(root: &Path, item: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let name = name(&tokens);
    let Some(TokenTree::Group(body)) = tokens.last_mut().filter(|last| is_body(last)) else {
        errors.push(
            name,
            "the handlers in another file cannot be seen from here: write the module with its content in braces, or \
             list them with `handlers![…]`",
        );
        return tokens.into_iter().collect();
    };
    let members = Member::split(body.stream());
    for member in &members {
        member.refuse_conditional_attributes(errors);
    }
    let elements = elements(&members);
    if elements.is_empty() && !errors.any() {
        errors.push(
            name,
            "there is no handler in this module: put `#[tool]`, `#[resource(\"…\")]` or `#[prompt]` on a function",
        );
    }
    let taken = members.iter().filter_map(|member| member.value.as_ref());
    let generated = match taken.into_iter().find(|value| *value == "handlers") {
        Some(taken) => {
            errors.push(
                taken,
                format!("`{GROUP}` adds a function of this name: rename yours"),
            );
            TokenStream::new()
        }
        None => function(root, &elements),
    };
    let content = body.stream();
    let span = body.span();
    *body = Group::new(Delimiter::Brace, quote!(#content #generated));
    body.set_span(span);
    tokens.into_iter().collect()
}

fn function(root: &Path, elements: &[Element]) -> TokenStream {
    let list = list::list(root, elements);
    quote! {
        #[doc = " The handlers of this module, in their order."]
        pub fn handlers() -> #root::__private::Handlers #list
    }
}

fn elements(members: &[Member]) -> Vec<Element> {
    let handlers = members
        .iter()
        .filter(|member| member.handler_attributes().next().is_some());
    let elements = handlers.filter_map(|member| {
        let path = Path::from(member.function.clone()?);
        Some(Element {
            cfgs: member.cfgs(),
            path,
        })
    });
    elements.collect()
}

fn is_body(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// The name behind `mod`.
fn name(tokens: &[TokenTree]) -> Option<Ident> {
    let mut tokens = tokens
        .iter()
        .skip_while(|token| !matches!(token, TokenTree::Ident(ident) if ident == "mod"));
    match tokens.nth(1) {
        Some(TokenTree::Ident(ident)) => Some(ident.clone()),
        _ => None,
    }
}
