//! The accumulator: every mistake of a handler is reported in one compile.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// All mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors {
    told: Option<syn::Error>,
    broken: bool,
}

impl Errors {
    /// Adds a mistake under the given tokens.
    pub(crate) fn push(&mut self, at: impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(at, message));
    }

    /// Adds a mistake at a place that has no token of its own.
    pub(crate) fn push_at(&mut self, at: Span, message: impl Display) {
        self.add(syn::Error::new(at, message));
    }

    /// Keeps the value, or the error.
    pub(crate) fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// Notes a mistake that the compiler reports itself, in better words.
    pub(crate) fn leave_to_the_compiler(&mut self) {
        self.broken = true;
    }

    /// Whether the expansion must not go on.
    pub(crate) fn any(&self) -> bool {
        self.broken || self.told.is_some()
    }

    /// The mistakes as `compile_error!`s.
    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.told
            .map(syn::Error::into_compile_error)
            .unwrap_or_default()
    }

    fn add(&mut self, error: syn::Error) {
        match &mut self.told {
            Some(first) => first.combine(error),
            empty => *empty = Some(error),
        }
    }
}
