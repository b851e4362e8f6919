//! `handlers![…]`: a list of handlers, in which the compiler finds duplicate names.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, Expr, Meta, Path, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use crate::{
    common::root_or_default,
    errors::Errors,
    handler::GROUP,
    options::{go_on, peel},
    span,
};

/// One element of a list.
pub(crate) struct Element {
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) path: Path,
}

/// Expands `handlers![…]`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut root = None;
    let mut elements = Vec::new();
    let parser = |input: ParseStream<'_>| {
        if input.peek(Token![crate]) && input.peek2(Token![=]) {
            root = errors.ok(parse_root(input));
        }
        while !input.is_empty() {
            let element = errors.ok(parse_element(input));
            go_on(input, element.is_some(), &mut errors);
            elements.extend(element);
        }
        Ok(())
    };
    // What cannot be read has been reported.
    let _ = parser.parse2(input);
    let list = list(&root_or_default(root), &elements);
    let errors = errors.into_compile_errors();
    quote!({ #errors #list })
}

/// The expression that is the list.
pub(crate) fn list(root: &Path, elements: &[Element]) -> TokenStream {
    let entries = elements
        .iter()
        .map(|Element { cfgs, path }| quote!(#(#cfgs)* <#path as __mcp::Handler>::ENTRY));
    let checks = elements.iter().enumerate().skip(1).map(|(at, element)| {
        let cfgs = &element.cfgs;
        let index = index(&elements[..at]);
        // All of the path is to be blamed, not only its first token.
        let (first, last) = span::ends(&element.path);
        let assert_unique = Ident::new("assert_unique", first);
        let mut arguments = Group::new(Delimiter::Parenthesis, quote!(__HANDLERS, #index));
        arguments.set_span(last);
        quote_spanned!(first=> #(#cfgs)* const _: () = __mcp::#assert_unique #arguments;)
    });
    quote! {{
        use #root::__private as __mcp;
        const __HANDLERS: &[__mcp::Entry] = &[#(#entries),*];
        #(#checks)*
        __mcp::Handlers::listed(__HANDLERS)
    }}
}

/// The index of the element behind the given ones, of which some may not exist.
fn index(before: &[Element]) -> TokenStream {
    let (fixed, conditional): (Vec<_>, Vec<_>) =
        before.iter().partition(|element| element.cfgs.is_empty());
    let fixed = fixed.len();
    let conditions = conditional.iter().map(|element| {
        let conditions = element.cfgs.iter().filter_map(|cfg| match &cfg.meta {
            Meta::List(list) => Some(&list.tokens),
            _ => None,
        });
        quote!(::core::cfg!(all(#(#conditions),*)) as ::core::primitive::usize)
    });
    quote!(#fixed #(+ #conditions)*)
}

fn parse_root(input: ParseStream<'_>) -> syn::Result<Path> {
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    let root = input.call(Path::parse_mod_style)?;
    if !input.peek(Token![;]) {
        return Err(input.error("expected `;` behind the path: write `handlers![crate = path; …]`"));
    }
    input.parse::<Token![;]>()?;
    Ok(root)
}

fn parse_element(input: ParseStream<'_>) -> syn::Result<Element> {
    let cfgs = input.call(Attribute::parse_outer)?;
    if let Some(other) = cfgs.iter().find(|attr| !attr.path().is_ident("cfg")) {
        return Err(syn::Error::new_spanned(
            other,
            "only `#[cfg(…)]` can stand in a list of handlers: put other attributes on the function",
        ));
    }
    let begin = input.fork();
    if let Ok(path) = begin.call(Path::parse_mod_style)
        && (begin.is_empty() || begin.peek(Token![,]) || begin.peek(Ident::peek_any))
    {
        let path = input.call(Path::parse_mod_style).unwrap_or(path);
        return Ok(Element { cfgs, path });
    }
    let general = format!(
        "expected the path of a handler, such as `math::add`: for all handlers of a module put `{GROUP}` on it"
    );
    let start = input.span();
    match input.parse::<Expr>() {
        Ok(expr) => Err(syn::Error::new_spanned(
            &expr,
            advice(&expr).unwrap_or(general),
        )),
        Err(_) => Err(syn::Error::new(start, general)),
    }
}

/// What to write instead of an expression that is easily mistaken for a handler.
fn advice(expr: &Expr) -> Option<String> {
    Some(match peel(expr) {
        Expr::Call(call) => format!(
            "write `{}` without parentheses: a list holds the functions, not their results",
            shown(&call.func)
        ),
        Expr::Lit(_) => {
            "expected the path of a handler, such as `math::add`: write it without quotes"
                .to_owned()
        }
        Expr::MethodCall(_) | Expr::Macro(_) => {
            "a list holds paths of handlers: add another list with `handlers![…].and(…)`".to_owned()
        }
        Expr::Path(_) => {
            "a handler is not generic: write its path alone, such as `math::add`".to_owned()
        }
        Expr::Reference(reference) => format!(
            "write `{}` without `&`: a list holds the functions",
            shown(&reference.expr)
        ),
        _ => return None,
    })
}

fn shown(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}
