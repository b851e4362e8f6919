//! Parameters: their options, and the constant that each of them becomes.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Expr, Ident, LitStr, Pat, PatType, Type, ext::IdentExt, spanned::Spanned};

use crate::{
    common::client_name,
    constraint::Bounds,
    doc,
    errors::Errors,
    handler::{Function, Kind},
    name,
    options::{Known, Options, peel, string},
    question, span,
};

const OPTIONS: &[Known] = &[
    ("default", "default = …"),
    ("range", "range(min = …, max = …)"),
    ("length", "length(min = …, max = …)"),
    ("regex", "regex = \"…\""),
    ("example", "example = …"),
    ("rename", "rename = \"…\""),
    ("title", "title = \"…\""),
    ("description", "description = \"…\""),
    ("flatten", "flatten"),
    ("header", "header = \"Region\""),
    ("complete", "complete = function"),
];

/// One parameter of a handler.
pub(crate) struct Parameter {
    /// Which parameter of the function it is.
    pub(crate) index: usize,
    /// The name that clients use.
    pub(crate) name: LitStr,
    /// The name in the function, if it has one.
    pub(crate) ident: Option<String>,
    pub(crate) ty: Type,
    /// The option of that name, where it stands.
    pub(crate) flatten: Option<Ident>,
    /// The option of that name, where it stands.
    pub(crate) default: Option<Ident>,
    /// The HTTP header that carries it as well.
    header: Option<LitStr>,
    /// The option of that name, where it stands.
    pub(crate) complete: Option<Ident>,
    /// What the parameter must be, and what is said if it is not.
    pub(crate) must_be: MustBe,
    /// The attributes that say when the parameter exists.
    pub(crate) cfgs: Vec<Attribute>,
    /// The constant that the parameter becomes.
    pub(crate) constant: Ident,
    /// The variable that holds its value.
    pub(crate) variable: Ident,
    setters: TokenStream,
}

/// What a parameter must be; its type decides whether it is.
pub(crate) enum MustBe {
    Either,
    Argument(String),
    Role(String),
}

/// What is said about `complete` where clients ask for no completion.
pub(crate) const NOT_COMPLETED: &str = "clients complete the arguments of prompts and the variables of URI templates only: remove `complete`";

/// Reads the parameters of a handler, but for those that the user is asked for.
pub(crate) fn parameters(function: &Function, errors: &mut Errors) -> Vec<Parameter> {
    let parameters: Vec<Parameter> = function
        .parameters
        .iter()
        .enumerate()
        .filter(|(_, parameter)| !question::is_asked(parameter))
        .map(|(index, parameter)| Parameter::new(index, parameter, function.kind, errors))
        .collect();
    refuse_equal_headers(&parameters, errors);
    if function.kind == Kind::Tool {
        let completed = parameters
            .iter()
            .filter_map(|parameter| parameter.complete.as_ref());
        completed.for_each(|complete| errors.push(complete, NOT_COMPLETED));
    }
    let mut names = HashSet::new();
    for parameter in parameters
        .iter()
        .filter(|parameter| parameter.flatten.is_none())
    {
        let name = parameter.name.value();
        if name != "_" && !names.insert(name.clone()) {
            errors.push(
                &parameter.name,
                format!(
                    "another parameter is called `{name}` by clients: add `#[arg(rename = \"…\")]` to one of them"
                ),
            );
        }
    }
    parameters
}

/// Names of headers are the same in any case.
fn refuse_equal_headers(parameters: &[Parameter], errors: &mut Errors) {
    let mut taken = HashSet::new();
    for header in parameters
        .iter()
        .filter_map(|parameter| parameter.header.as_ref())
    {
        if !taken.insert(header.value().to_ascii_lowercase()) {
            errors.push(
                header,
                format!(
                    "another argument is in the header `{}`: rename one of them, names of headers are the same in any \
                     case",
                    header.value()
                ),
            );
        }
    }
}

impl Parameter {
    fn new(index: usize, parameter: &PatType, kind: Kind, errors: &mut Errors) -> Self {
        let mut options = Options::parse_attributes(&parameter.attrs, "arg", OPTIONS, errors);
        let mut setters = TokenStream::new();
        let flatten = take_flatten(&mut options, errors);
        let name = take_name(&mut options, parameter, errors);
        if let Some(title) = options.text("title", errors) {
            setters.extend(quote!(.title(#title)));
        }
        if let Some(description) = take_description(&mut options, &parameter.attrs, errors) {
            setters.extend(quote!(.description(#description)));
        }
        let bounds = Bounds::take(&mut options, errors);
        setters.extend(bounds.setters());
        let default = take_default(&mut options, &bounds, &mut setters, errors);
        take_examples(&mut options, &bounds, &mut setters, errors);
        let header = take_header(&mut options, kind, &mut setters, errors);
        let complete = take_complete(&mut options, &mut setters, errors);
        if let Some(flatten) = &flatten {
            setters.extend(quote_spanned!(flatten.span()=> .flatten()));
        }
        let must_be = match &*parameter.pat {
            Pat::Wild(_) => {
                MustBe::Role("an argument needs a name: clients send it by its name".to_owned())
            }
            _ if complete.is_some() => MustBe::Argument(format!(
                "`{}` cannot be completed: the server fills a parameter of this type, remove `complete`",
                name.value()
            )),
            _ => MustBe::Either,
        };
        let cfgs = parameter
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("cfg"))
            .cloned();
        let ident = match &*parameter.pat {
            Pat::Ident(pattern) => Some(pattern.ident.unraw().to_string()),
            _ => None,
        };
        Self {
            index,
            name,
            ident,
            ty: (*parameter.ty).clone(),
            flatten,
            default,
            header,
            complete,
            must_be,
            cfgs: cfgs.collect(),
            constant: format_ident!("__ARG{index}"),
            variable: format_ident!("__arg{index}"),
            setters,
        }
    }
}

fn take_name(options: &mut Options, parameter: &PatType, errors: &mut Errors) -> LitStr {
    if let Some(name) = options.literal("rename", errors) {
        if let Err(problem) = name::check(&name.value()) {
            errors.push(&name, problem);
        }
        return name;
    }
    let Pat::Ident(pattern) = &*parameter.pat else {
        return LitStr::new("_", parameter.pat.span());
    };
    let name = client_name(&pattern.ident);
    if name::check(&name).is_err() {
        errors.push(
            &pattern.ident,
            format!(
                "an argument cannot be called `{name}`: add `#[arg(rename = \"…\")]` with ASCII letters, digits, \
                 `_`, `-` or `.`"
            ),
        );
    }
    LitStr::new(&name, pattern.ident.span())
}

fn take_description(
    options: &mut Options,
    attrs: &[Attribute],
    errors: &mut Errors,
) -> Option<TokenStream> {
    let comment = doc::text(attrs);
    let Some(option) = options.take("description") else {
        return comment;
    };
    if comment.is_some() {
        errors.push(
            &option.key,
            "the doc comment is the description already: remove one of them",
        );
    }
    option.text(errors).map(Expr::into_token_stream)
}

fn take_default(
    options: &mut Options,
    bounds: &Bounds,
    setters: &mut TokenStream,
    errors: &mut Errors,
) -> Option<Ident> {
    let option = options.take("default")?;
    let key = &option.key;
    let method = Ident::new("default", key.span());
    if option.is_bare() {
        let path = span::generated(&quote_spanned!(key.span()=> __mcp::Default::default));
        setters.extend(quote!(.#method(#path)));
        return Some(option.key);
    }
    let value = option.expr(errors)?;
    bounds.check("default", &value, errors);
    let value = match string(&value) {
        Some(text) => quote!(__mcp::Into::into(#text)),
        None => value.into_token_stream(),
    };
    setters.extend(quote!(.#method(|| #value)));
    Some(option.key)
}

fn take_examples(
    options: &mut Options,
    bounds: &Bounds,
    setters: &mut TokenStream,
    errors: &mut Errors,
) {
    let examples = options.take_all("example");
    let examples = examples.iter().filter_map(|option| option.expr(errors));
    let examples: Vec<Expr> = examples.collect();
    for example in &examples {
        bounds.check("example", example, errors);
    }
    if !examples.is_empty() {
        setters.extend(quote!(.examples(&[#(|| __mcp::json!(#examples)),*])));
    }
}

fn take_header(
    options: &mut Options,
    kind: Kind,
    setters: &mut TokenStream,
    errors: &mut Errors,
) -> Option<LitStr> {
    let option = options.take("header")?;
    if kind != Kind::Tool {
        let noun = kind.noun();
        errors.push(
            &option.key,
            format!(
                "clients send headers for the arguments of tools alone: remove it from the {noun}"
            ),
        );
        return None;
    }
    let header = option.literal(errors)?;
    if let Err(problem) = name::check_header(&header.value()) {
        errors.push(&header, problem);
        return None;
    }
    let method = Ident::new("header", option.key.span());
    setters.extend(quote!(.#method(#header)));
    Some(header)
}

fn take_complete(
    options: &mut Options,
    setters: &mut TokenStream,
    errors: &mut Errors,
) -> Option<Ident> {
    let option = options.take("complete")?;
    let path = option.expr(errors)?;
    if !matches!(peel(&path), Expr::Path(_)) {
        return option.misshapen(errors);
    }
    let method = Ident::new("complete", option.key.span());
    // All of it stands where the path does, so that a function that does not fit is blamed there.
    let (first, last) = span::ends(&path);
    let mut function = Group::new(Delimiter::Parenthesis, quote_spanned!(first=> || #path));
    function.set_span(last);
    let completing = quote_spanned!(first=> const { &__mcp::Completing::new #function });
    setters.extend(quote!(.#method(#completing)));
    Some(option.key)
}

fn take_flatten(options: &mut Options, errors: &mut Errors) -> Option<Ident> {
    let option = options.take("flatten")?;
    if !option.flag(errors)? {
        return option.misshapen(errors);
    }
    if let Some(other) = options.first_key() {
        errors.push(
            other,
            format!("`{other}` cannot stand beside `flatten`: it belongs to a field of the type"),
        );
    }
    Some(option.key)
}

impl Parameter {
    /// Whether it may be worth proposing for a text: the server's own types are not.
    pub(crate) fn may_be_shown(&self) -> bool {
        let Type::Path(path) = &self.ty else {
            return true;
        };
        let last = path.path.segments.last();
        !last.is_some_and(|last| last.ident == "Context" || last.ident == "State")
    }

    /// The constant that the parameter becomes. It stands where the type does, so that a type that is no parameter is
    /// blamed there.
    pub(crate) fn declaration(&self) -> TokenStream {
        let Self {
            constant,
            ty,
            cfgs,
            setters,
            ..
        } = self;
        let name = self.name.value();
        let (new, problem) = match &self.must_be {
            MustBe::Either => ("new", None),
            MustBe::Argument(problem) => ("argument", Some(problem)),
            MustBe::Role(problem) => ("role", Some(problem)),
        };
        let (first, last) = span::ends(ty);
        let new = Ident::new(new, last);
        let problem = problem.into_iter();
        let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#name #(, #problem)*));
        arguments.set_span(last);
        quote_spanned! {first=>
            #(#cfgs)*
            const #constant: __mcp::Arg<#ty> = __mcp::Arg::<#ty>::#new #arguments #setters;
        }
    }
}
