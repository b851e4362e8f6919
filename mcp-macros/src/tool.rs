//! `#[tool]`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    argument,
    common::{self, Common},
    definition::Definition,
    errors::Errors,
    expand,
    handler::{Function, Kind},
    limit,
    options::{Entry, Known, Options},
    question,
};

const OPTIONS: &[Known] = &[
    ("read_only", "read_only"),
    ("destructive", "destructive"),
    ("idempotent", "idempotent"),
    ("open_world", "open_world"),
    ("input_schema", "input_schema = function"),
    ("output_schema", "output_schema = false"),
    limit::CACHE,
];

/// Expands `#[tool]` on a function that stands by itself.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::free(Kind::Tool, define, options, item)
}

/// Makes a tool of a function.
pub(crate) fn define(options: TokenStream, function: &Function, errors: &mut Errors) -> Definition {
    let mut options = Options::parse(options, &[common::OPTIONS, OPTIONS], errors);
    let common = Common::take(&mut options, function, errors);
    let unfit = limit::not_the_same(&missing_for_a_cache(&options));
    let mut setters = take_setters(&mut options, errors);
    let name = common.name.value();
    let parameters = argument::parameters(function, errors);
    let questions = question::questions(function, &parameters, errors);
    let bound = limit::bound_to_the_call(!questions.is_empty(), function.streams().is_some());
    let refusal = unfit.as_deref().or(bound);
    setters.extend(limit::take_cache(&mut options, refusal, errors));
    Definition {
        kind: Kind::Tool,
        unique: common.name.clone(),
        arguments: quote!(#name, __out),
        parameters,
        questions,
        common,
        setters,
    }
}

fn take_setters(options: &mut Options, errors: &mut Errors) -> TokenStream {
    let mut setters = TokenStream::new();
    let read_only = options.take("read_only");
    let destructive = options.take("destructive");
    if is_on(read_only.as_ref())
        && let Some(destructive) = destructive.as_ref().filter(|option| is_on(Some(option)))
    {
        errors.push(
            &destructive.key,
            "a tool that is `read_only` destroys nothing: remove one of them",
        );
    }
    let mut flag = |option: Option<Entry>| {
        let Some(option) = option else { return };
        let key = &option.key;
        if let Some(yes) = option.flag(errors) {
            setters.extend(quote!(.#key(#yes)));
        }
    };
    flag(read_only);
    flag(destructive);
    flag(options.take("idempotent"));
    flag(options.take("open_world"));
    flag(options.take("output_schema"));
    if let Some(schema) = options
        .take("input_schema")
        .and_then(|option| option.expr(errors))
    {
        setters.extend(quote!(.input_schema(#schema)));
    }
    setters
}

/// The options without which the results of a tool cannot be kept.
fn missing_for_a_cache(options: &Options) -> Vec<&'static str> {
    let needed = ["read_only", "idempotent"].into_iter();
    needed.filter(|key| !is_on(options.look(key))).collect()
}

fn is_on(option: Option<&Entry>) -> bool {
    option.is_some_and(|option| option.flag(&mut Errors::default()) == Some(true))
}
