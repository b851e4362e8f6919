//! The members of a module or of an `impl` block, told apart without reading their bodies.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Attribute, Ident, Meta, Signature, Token, Visibility,
    buffer::Cursor,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
};

use crate::{
    errors::Errors,
    handler::{GROUP, Kind},
};

/// One member.
pub(super) struct Member {
    pub(super) tokens: TokenStream,
    pub(super) attrs: Vec<Attribute>,
    /// The name of a function.
    pub(super) function: Option<Ident>,
    /// The name of a function, a constant or a static.
    pub(super) value: Option<Ident>,
}

impl Member {
    /// Takes the content of a block apart. All its tokens are in one of the members.
    pub(super) fn split(content: TokenStream) -> Vec<Self> {
        let mut members = Vec::new();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                members.push(Self::next(input));
            }
            Ok(())
        };
        // What cannot be read is the compiler's to report.
        let _ = parser.parse2(content);
        members
    }

    fn next(input: ParseStream<'_>) -> Self {
        let begin = input.cursor();
        if input.peek(Token![#]) && input.peek2(Token![!]) {
            // Attributes of the block itself, such as `//!`.
            let _ = input.call(Attribute::parse_inner);
        }
        // Attributes that cannot be read are passed over like everything else.
        let attrs = input.call(Attribute::parse_outer).unwrap_or_default();
        let function = function(input);
        let value = function.clone().or_else(|| constant(&input.fork()));
        skip_to_end(input);
        Self {
            tokens: between(begin, input.cursor()),
            attrs,
            function,
            value,
        }
    }

    /// The attributes that make a handler of it.
    pub(super) fn handler_attributes(&self) -> impl Iterator<Item = (Kind, &Attribute)> {
        let attrs = self.attrs.iter();
        attrs.filter_map(|attr| Some((Kind::of(attr.path())?, attr)))
    }

    /// Refuses attributes that make a handler of it under a condition: the compiler has not decided about that yet.
    pub(super) fn refuse_conditional_attributes(&self, errors: &mut Errors) {
        for attr in self.conditional_attributes() {
            errors.push(
                attr,
                format!(
                    "`{GROUP}` cannot see through `cfg_attr`: write the attribute by itself, and `#[cfg(…)]` on the \
                     function"
                ),
            );
        }
    }

    /// Whether it has an attribute that makes a handler of it, be it under a condition.
    pub(super) fn is_marked(&self) -> bool {
        self.handler_attributes().next().is_some() || !self.conditional_attributes().is_empty()
    }

    fn conditional_attributes(&self) -> Vec<Meta> {
        let lists = self
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("cfg_attr"));
        let lists = lists.filter_map(|attr| {
            attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .ok()
        });
        let attributes = lists.flat_map(|list| list.into_iter().skip(1));
        attributes
            .filter(|attr| Kind::of(attr.path()).is_some())
            .collect()
    }

    /// The attributes that say when it exists.
    pub(super) fn cfgs(&self) -> Vec<Attribute> {
        let cfgs = self.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
        cfgs.cloned().collect()
    }
}

/// Reads up to the body of a function, which its signature may hide: `-> [u8; { 1 }] { … }`.
fn function(input: ParseStream<'_>) -> Option<Ident> {
    use syn::parse::discouraged::Speculative;

    let ahead = input.fork();
    ahead.parse::<Visibility>().ok()?;
    ahead.parse::<Option<Token![default]>>().ok()?;
    let signature: Signature = ahead.parse().ok()?;
    input.advance_to(&ahead);
    Some(signature.ident)
}

fn constant(input: ParseStream<'_>) -> Option<Ident> {
    input.parse::<Visibility>().ok()?;
    if !input.peek(Token![const]) && !input.peek(Token![static]) && !input.peek(Token![fn]) {
        return None;
    }
    input.parse::<TokenTree>().ok()?;
    input.parse::<Option<Token![mut]>>().ok()?;
    input.call(Ident::parse_any).ok()
}

/// An item ends with a semicolon or with braces; what is cut in two by this is put together again.
fn skip_to_end(input: ParseStream<'_>) {
    while let Ok(token) = input.parse::<TokenTree>() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => return,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            _ => {}
        }
    }
}

fn between(begin: Cursor<'_>, end: Cursor<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut cursor = begin;
    while cursor != end
        && let Some((token, next)) = cursor.token_tree()
    {
        tokens.extend([token]);
        cursor = next;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    /// The names of functions and values, and `?` for a function without one.
    fn shown(content: TokenStream) -> Vec<String> {
        let shown = Member::split(content).into_iter().map(|member| {
            let name = member.value.map_or("?".to_owned(), |name| name.to_string());
            let kinds: Vec<_> = member
                .attrs
                .iter()
                .filter_map(|attr| Kind::of(attr.path()))
                .collect();
            format!("{name} {kinds:?}")
        });
        shown.filter(|shown| shown != "? []").collect()
    }

    #[test]
    fn functions_are_found_among_other_members() {
        let content = quote! {
            #![allow(dead_code)]
            //! Inner.
            #[tool]
            pub(super) const unsafe extern "C" fn one<F: Fn(u8) -> u8>(f: F) -> [u8; { 1 }] where F: Copy { [f(1)] }
            use a::{b, c};
            const TWO: Point = Point { x: { 1 }, y: 2 } + ZERO;
            #[cfg(x)] #[a::prompt(name = "x")] async fn three() {}
            struct Four { fn_: u8 }
            struct Five(u8);
            macro_rules! six { () => { #[tool] fn six() {} } }
            impl Seven { #[tool] fn seven() {} }
            static mut EIGHT: u8 = 8;
            mod nine { #[tool] fn nine() {} }
            fn ten() { broken. }
        };
        assert_eq!(
            shown(content),
            [
                "one [Tool]",
                "TWO []",
                "three [Prompt]",
                "EIGHT []",
                "ten []"
            ]
        );
    }

    #[test]
    fn no_token_is_lost() {
        let content =
            "#![x] #[tool fn] fn a(half) { const B: u8 = { 1 }; } ; # fn c() -> { } leftover";
        let content: TokenStream = content.parse().unwrap();
        let joined: TokenStream = Member::split(content.clone())
            .into_iter()
            .map(|member| member.tokens)
            .collect();
        assert_eq!(joined.to_string(), content.to_string());
    }
}
