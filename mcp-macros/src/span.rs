//! Places in the user's code.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The places of the first and the last token: joining spans is not possible on stable compilers.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let first = tokens
        .next()
        .map_or_else(Span::call_site, |token| token.span());
    let last = tokens.last().map_or(first, |token| token.span());
    (first, last)
}

/// Marks tokens of the user as generated: they stay where they are, but lints do not look at them once more.
pub(crate) fn generated(tokens: &impl ToTokens) -> TokenStream {
    let marked = tokens.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().resolved_at(Span::call_site()));
        token
    });
    marked.collect()
}
