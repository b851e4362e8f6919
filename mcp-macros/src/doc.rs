//! Doc comments as text for the model.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Expr, Meta, Token, ext::IdentExt, parse::ParseStream, punctuated::Punctuated,
};

use crate::options::string;

/// The text of the doc comments among `attrs`: as an expression, because `#[doc = include_str!(…)]` is one.
pub(crate) fn text(attrs: &[Attribute]) -> Option<TokenStream> {
    let mut pieces: Vec<Piece> = Vec::new();
    for attr in attrs {
        let Meta::NameValue(doc) = &attr.meta else {
            continue;
        };
        if !doc.path.is_ident("doc") {
            continue;
        }
        match (string(&doc.value), pieces.last_mut()) {
            (Some(line), Some(Piece::Written(text))) => {
                text.push('\n');
                text.push_str(&line.value());
            }
            (Some(line), _) => pieces.push(Piece::Written(line.value())),
            (None, _) => pieces.push(Piece::Computed(doc.value.clone())),
        }
    }
    for piece in &mut pieces {
        if let Piece::Written(text) = piece {
            *text = dedent(text);
        }
    }
    pieces.retain(|piece| !matches!(piece, Piece::Written(text) if text.is_empty()));
    match pieces.as_slice() {
        [] => None,
        [only] => Some(only.to_token_stream()),
        [first, others @ ..] => Some(quote! { ::core::concat!(#first #(, "\n", #others)*) }),
    }
}

/// Whether the function is allowed to have no documentation.
pub(crate) fn may_be_missing(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => list
            .parse_args_with(Punctuated::<LintName, Token![,]>::parse_terminated)
            .is_ok_and(|names| names.iter().any(|name| name.0 == "missing_docs")),
        _ => false,
    })
}

/// The last segment of a lint's path; the value of `reason = "…"` is passed over.
struct LintName(String);

impl syn::parse::Parse for LintName {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path = input.call(syn::Path::parse_mod_style)?;
        if input.parse::<Option<Token![=]>>()?.is_some() {
            input.parse::<Expr>()?;
        }
        let last = path.segments.last().map(|segment| segment.ident.unraw());
        Ok(Self(
            last.map(|ident| ident.to_string()).unwrap_or_default(),
        ))
    }
}

enum Piece {
    Written(String),
    Computed(Expr),
}

impl ToTokens for Piece {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Written(text) => text.to_tokens(tokens),
            Self::Computed(expr) => expr.to_tokens(tokens),
        }
    }
}

/// Takes away what all lines have in common on their left, and blank lines at both ends.
fn dedent(text: &str) -> String {
    let lines: Vec<&str> = without_stars(text.lines().collect());
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let common = filled.map(indent).min().unwrap_or_default();
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| line.get(common..).unwrap_or_default().trim_end())
        .collect();
    let first = lines.iter().position(|line| !line.is_empty());
    let last = lines.iter().rposition(|line| !line.is_empty());
    match (first, last) {
        (Some(first), Some(last)) => lines[first..=last].join("\n"),
        _ => String::new(),
    }
}

/// Takes away the column of stars that a `/** … */` may have.
fn without_stars(lines: Vec<&str>) -> Vec<&str> {
    let rest = lines.get(1..).unwrap_or_default();
    let mut filled = rest
        .iter()
        .filter(|line| !line.trim().is_empty())
        .peekable();
    if filled.peek().is_none() || !filled.all(|line| line.trim_start().starts_with('*')) {
        return lines;
    }
    let star = |line: &&str| {
        line.trim_start()
            .strip_prefix('*')
            .map_or("", |rest| rest)
            .len()
    };
    lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            if at == 0 {
                line
            } else {
                &line[line.len() - star(line)..]
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn shown(attrs: &[Attribute]) -> Option<String> {
        text(attrs).map(|tokens| match syn::parse2::<syn::LitStr>(tokens.clone()) {
            Ok(literal) => literal.value(),
            Err(_) => tokens.to_string(),
        })
    }

    #[test]
    fn lines_are_kept_and_their_common_indent_is_not() {
        let attrs: Vec<Attribute> = parse_quote! {
            #[doc = " Orders an item."]
            #[doc = ""]
            #[doc = " - one"]
            #[doc = "   - nested  "]
            #[doc = ""]
        };
        assert_eq!(
            shown(&attrs).as_deref(),
            Some("Orders an item.\n\n- one\n  - nested")
        );
    }

    #[test]
    fn block_comments_lose_their_stars() {
        let attrs: Vec<Attribute> =
            parse_quote! { #[doc = "\n     * Orders.\n     *\n     *   Now.\n     "] };
        assert_eq!(shown(&attrs).as_deref(), Some("Orders.\n\n  Now."));
        let attrs: Vec<Attribute> = parse_quote! { #[doc = " One.\n    * two\n    three "] };
        assert!(shown(&attrs).is_some_and(|text| text.contains("* two")));
    }

    #[test]
    fn a_text_that_is_computed_is_passed_on() {
        let attrs: Vec<Attribute> = parse_quote! {
            #[doc = " First."]
            #[doc = include_str!("more.md")]
            #[doc(hidden)]
        };
        assert_eq!(
            shown(&attrs).as_deref(),
            Some(r#":: core :: concat ! ("First." , "\n" , include_str ! ("more.md"))"#)
        );
    }

    #[test]
    fn blank_comments_are_no_text() {
        let attrs: Vec<Attribute> =
            parse_quote! { #[doc = ""] #[doc = "  "] #[doc(hidden)] #[inline] };
        assert_eq!(shown(&attrs), None);
    }

    #[test]
    fn a_lint_attribute_allows_missing_documentation() {
        let allowed: Vec<Attribute> =
            parse_quote! { #[expect(clippy::pedantic, missing_docs, reason = "internal")] };
        assert!(may_be_missing(&allowed));
        let other: Vec<Attribute> = parse_quote! { #[allow(dead_code)] #[deny(missing_docs)] };
        assert!(!may_be_missing(&other));
    }
}
