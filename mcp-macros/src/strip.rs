//! What is taken out of the user's code before it is emitted, and nothing else: `#[arg(…)]`, `#[ask(…)]` and doc
//! comments on parameters, which the compiler does not accept, and attributes that a group has read.
//!
//! This works on tokens, because it must also work on a function that cannot be parsed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The function without `#[arg(…)]`, `#[ask(…)]` and doc comments on its parameters.
pub(crate) fn parameters(function: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = function.into_iter().collect();
    if let [TokenTree::Group(group)] = tokens.as_slice()
        && group.delimiter() == Delimiter::None
    {
        return parameters(group.stream());
    }
    if let Some(TokenTree::Group(list)) = parameter_list(&mut tokens) {
        let removed =
            |attribute: &Group| matches!(attribute_path(attribute).as_str(), "arg" | "ask" | "doc");
        let kept = without_attributes(list.stream(), removed);
        if kept.len() < list.stream().into_iter().count() {
            let span = list.span();
            *list = Group::new(Delimiter::Parenthesis, kept.into_iter().collect());
            list.set_span(span);
        }
    }
    tokens.into_iter().collect()
}

/// The item without its attributes that make handlers, be it under a condition.
pub(crate) fn handler_attributes(item: TokenStream) -> TokenStream {
    let is_kind = |name: &str| matches!(name, "tool" | "resource" | "prompt");
    let removed = |attribute: &Group| {
        let path = attribute_path(attribute);
        path.rsplit(':').next().is_some_and(is_kind)
            || path == "cfg_attr" && mentions(attribute.stream(), is_kind)
    };
    without_attributes(item, removed).into_iter().collect()
}

fn mentions(tokens: TokenStream, is_meant: impl Fn(&str) -> bool + Copy) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => is_meant(&ident.to_string()),
        TokenTree::Group(group) => mentions(group.stream(), is_meant),
        _ => false,
    })
}

/// The parentheses behind the name and the generics of the function.
fn parameter_list(tokens: &mut [TokenTree]) -> Option<&mut TokenTree> {
    let start = tokens
        .iter()
        .position(|token| matches!(token, TokenTree::Ident(ident) if ident == "fn"))?;
    let mut depth = 0_i32;
    let mut arrow = false;
    tokens[start..].iter_mut().find(|token| match token {
        TokenTree::Punct(punct) => {
            match punct.as_char() {
                '<' => depth += 1,
                '>' if !arrow => depth -= 1,
                _ => {}
            }
            arrow = punct.as_char() == '-';
            false
        }
        TokenTree::Group(group) => depth == 0 && group.delimiter() == Delimiter::Parenthesis,
        _ => false,
    })
}

/// The tokens without the attributes that are to be removed.
fn without_attributes(tokens: TokenStream, removed: impl Fn(&Group) -> bool) -> Vec<TokenTree> {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let is_attribute =
            matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
        match &token {
            TokenTree::Group(group) if is_attribute && removed(group) => {
                kept.pop();
            }
            _ => kept.push(token),
        }
    }
    kept
}

/// The path in `[path(…)]` or `[path = …]`.
fn attribute_path(attribute: &Group) -> String {
    let mut path = String::new();
    for token in attribute.stream() {
        match token {
            TokenTree::Ident(ident) => path.push_str(&ident.to_string()),
            TokenTree::Punct(punct) if punct.as_char() == ':' => path.push(':'),
            _ => break,
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn only_options_and_docs_of_parameters_are_removed() {
        let function = quote! {
            #[doc = " Stays."]
            #[tool]
            pub(crate) async fn order<F: Fn(#[arg] u8) -> u8>(
                #[doc = " Goes."] #[arg(default)] #[allow(unused)] item: String,
                #[ask("Sure?")] sure: Sure,
                #[other::arg(default)] other: u8,
            ) -> u8 {
                call(#[arg] 1)
            }
        };
        let expected = quote! {
            #[doc = " Stays."]
            #[tool]
            pub(crate) async fn order<F: Fn(#[arg] u8) -> u8>(
                #[allow(unused)] item: String,
                sure: Sure,
                #[other::arg(default)] other: u8,
            ) -> u8 {
                call(#[arg] 1)
            }
        };
        assert_eq!(parameters(function).to_string(), expected.to_string());
    }

    #[test]
    fn a_function_that_cannot_be_parsed_is_stripped_as_well() {
        let function = quote!(fn half(#[arg(default)] a, b: ) -> { w. });
        let expected = quote!(fn half(a, b: ) -> { w. });
        assert_eq!(parameters(function).to_string(), expected.to_string());
    }

    #[test]
    fn attributes_that_make_handlers_are_known_by_their_last_segment() {
        let function = quote!(
            #[tool(read_only)]
            #[mcp::prompt]
            #[cfg(x)]
            #[my_tool]
            fn a() {}
        );
        let expected = quote!(
            #[cfg(x)]
            #[my_tool]
            fn a() {}
        );
        assert_eq!(
            handler_attributes(function).to_string(),
            expected.to_string()
        );
    }
}
