//! `#[prompt]`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    argument,
    common::{self, Common},
    definition::Definition,
    errors::Errors,
    expand,
    handler::{Function, Kind},
    options::Options,
    question,
};

/// Expands `#[prompt]` on a function that stands by itself.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::free(Kind::Prompt, define, options, item)
}

/// Makes a prompt of a function.
pub(crate) fn define(options: TokenStream, function: &Function, errors: &mut Errors) -> Definition {
    let mut options = Options::parse(options, &[common::OPTIONS], errors);
    let common = Common::take(&mut options, function, errors);
    let name = common.name.value();
    let parameters = argument::parameters(function, errors);
    let questions = question::questions(function, &parameters, errors);
    Definition {
        kind: Kind::Prompt,
        unique: common.name.clone(),
        arguments: quote!(#name),
        parameters,
        questions,
        common,
        setters: TokenStream::new(),
    }
}
