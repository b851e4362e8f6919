//! The options that stand between callers and a handler: `scopes(…)`, `guard = …` and `layer = …`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, LitStr, spanned::Spanned as _};

use crate::{
    errors::Errors,
    options::{Options, peel},
};

/// Takes the options out: the calls that set them.
pub(crate) fn take(options: &mut Options, errors: &mut Errors) -> TokenStream {
    let mut setters = TokenStream::new();
    let scopes = take_scopes(options, errors);
    if !scopes.is_empty() {
        setters.extend(quote!(.scopes(&[#(#scopes),*])));
    }
    if let Some(guard) = take_expr(options, "guard", errors) {
        setters.extend(quote!(.guard(#guard)));
    }
    if let Some(layer) = take_expr(options, "layer", errors) {
        let span = layer.span().resolved_at(Span::call_site());
        setters.extend(quote_spanned!(span=> .layer(__mcp::layer!(#layer))));
    }
    setters
}

fn take_expr(options: &mut Options, key: &str, errors: &mut Errors) -> Option<Expr> {
    let option = options.take(key)?;
    match peel(&option.expr(errors)?) {
        // No literal is a function, or anything else that stands before a handler.
        Expr::Lit(_) => option.misshapen(errors),
        value => Some(value.clone()),
    }
}

fn take_scopes(options: &mut Options, errors: &mut Errors) -> Vec<LitStr> {
    let Some(option) = options.take("scopes") else {
        return Vec::new();
    };
    let scopes = option.literals(errors);
    for (at, scope) in scopes.iter().enumerate() {
        if let Err(problem) = check(&scope.value()) {
            errors.push(scope, problem);
        } else if scopes[..at]
            .iter()
            .any(|other| other.value() == scope.value())
        {
            let text = scope.value();
            errors.push(
                scope,
                format!("the scope `{text}` is given twice: remove one of them"),
            );
        }
    }
    scopes
}

/// Checks a scope as RFC 6749, section 3.3, defines it.
fn check(scope: &str) -> Result<(), String> {
    if scope.is_empty() {
        return Err("a scope cannot be empty: write a word, or remove it".to_owned());
    }
    if scope.contains(char::is_whitespace) {
        return Err("a scope is one word: write each one as a text of its own".to_owned());
    }
    let allowed = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    match scope.chars().find(|c| !u8::try_from(*c).is_ok_and(allowed)) {
        None => Ok(()),
        Some(wrong) => Err(format!(
            "a scope cannot contain `{}`: it is made of visible ASCII characters other than `\"` and `\\`",
            wrong.escape_debug()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_one_word_of_visible_ascii() {
        for right in ["files:write", "a", "https://example.com/scope", "!#[]~"] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for wrong in ["", " ", "a b", "a\"b", "a\\b", "a\n", "ä", "\u{7f}"] {
            assert!(check(wrong).is_err(), "{wrong:?}");
        }
    }
}
