//! `#[resource("uri")]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{
    Expr, ExprLit, Lit, LitStr, Token,
    parse::{ParseStream, Parser},
    token::Paren,
};

use crate::{
    argument::{self, MustBe, NOT_COMPLETED, Parameter},
    common::{self, Common},
    definition::Definition,
    errors::Errors,
    expand,
    handler::{Function, Kind},
    limit,
    options::{Known, Options, peel},
    question::{self, Question},
    template::Template,
};

const OPTIONS: &[Known] = &[
    ("mime_type", "mime_type = \"text/plain\""),
    ("size", "size = 1024"),
    (
        "audience",
        "audience = \"user\"` or `audience = \"assistant\"",
    ),
    ("priority", "priority = 0.5"),
    ("ttl", "ttl = \"60s\""),
    ("scope", "scope = \"public\"` or `scope = \"private\""),
    limit::CACHE,
];

/// Expands `#[resource]` on a function that stands by itself.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::free(Kind::Resource, define, options, item)
}

/// Makes a resource, or a template of resources, of a function.
pub(crate) fn define(options: TokenStream, function: &Function, errors: &mut Errors) -> Definition {
    let (uri, options) = split_uri(options, function, errors);
    let mut options = Options::parse(options, &[common::OPTIONS, OPTIONS], errors);
    let template = parse_template(&uri, errors);
    let is_template = template
        .as_ref()
        .is_some_and(|template| !template.variables().is_empty());
    let common = Common::take(&mut options, function, errors);
    let mut setters = take_setters(&mut options, is_template, errors);
    let mut parameters = argument::parameters(function, errors);
    let questions = question::questions(function, &parameters, errors);
    let bound = limit::bound_to_the_call(!questions.is_empty(), function.streams().is_some());
    setters.extend(limit::take_cache(&mut options, bound, errors));
    if let Some(template) = &template {
        let all = (parameters.as_slice(), questions.as_slice());
        check_variables(template, &uri, function, all, errors);
        bind(template, &uri, &mut parameters, errors);
    }
    let name = common.name.value();
    let text = uri.value();
    let parts = template.as_ref().map(Template::tokens);
    Definition {
        kind: Kind::Resource,
        unique: uri,
        arguments: quote!(#name, __mcp::Template::new(#text, #parts)),
        parameters,
        questions,
        common,
        setters,
    }
}

/// Takes the literal at the front.
fn split_uri(
    options: TokenStream,
    function: &Function,
    errors: &mut Errors,
) -> (LitStr, TokenStream) {
    let advice = "the URI stands first: write `#[resource(\"note://{id}\", …)]`";
    let missing = || LitStr::new("", function.macro_span);
    let parser = |input: ParseStream<'_>| {
        let uri = match input.parse::<LitStr>() {
            Ok(uri) => uri,
            Err(_) if input.is_empty() => {
                errors.push_at(function.macro_span, advice);
                missing()
            }
            Err(_) => {
                errors.push_at(input.span(), advice);
                if !input.peek2(Token![=]) && !input.peek2(Paren) || names_the_uri(input) {
                    skip_option(input)?;
                }
                return Ok((missing(), input.parse()?));
            }
        };
        if !input.is_empty() && input.parse::<Token![,]>().is_err() {
            errors.push_at(input.span(), "expected `,`");
        }
        Ok((uri, input.parse()?))
    };
    // Nothing is left over that could be an error.
    parser
        .parse2(options)
        .unwrap_or_else(|_| (missing(), TokenStream::new()))
}

fn names_the_uri(input: ParseStream<'_>) -> bool {
    let key = input.cursor().ident();
    key.is_some_and(|(key, _)| key == "uri" || key == "uri_template")
}

fn skip_option(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    input.parse::<Option<Token![,]>>()?;
    Ok(())
}

fn parse_template(uri: &LitStr, errors: &mut Errors) -> Option<Template> {
    if uri.value().is_empty() && errors.any() {
        return None;
    }
    match Template::parse(&uri.value()) {
        Ok(template) => Some(template),
        Err(problems) => {
            for problem in problems {
                errors.push(uri, problem);
            }
            None
        }
    }
}

/// Checks that each variable has a parameter that takes its value.
fn check_variables(
    template: &Template,
    uri: &LitStr,
    function: &Function,
    (parameters, questions): (&[Parameter], &[Question]),
    errors: &mut Errors,
) {
    for variable in template.variables() {
        let is_asked = |question: &&Question| question.name.value() == variable;
        if parameters
            .iter()
            .any(|parameter| parameter.name.value() == variable)
        {
            continue;
        }
        if let Some(question) = questions.iter().find(is_asked) {
            errors.push(
                &question.name,
                format!("`{variable}` is a variable of the URI, which has its value: remove `#[ask]`, or rename this"),
            );
        } else {
            errors.push(
                uri,
                format!(
                    "the variable `{variable}` has no parameter: add `{variable}: String` to `{}`, or remove it here",
                    function.ident
                ),
            );
        }
    }
}

/// Says of each parameter whether it is a variable of the template.
fn bind(template: &Template, uri: &LitStr, parameters: &mut [Parameter], errors: &mut Errors) {
    let variables = template.variables();
    for parameter in parameters {
        let name = parameter.name.value();
        if let Some(flatten) = &parameter.flatten {
            errors.push(
                flatten,
                "only the arguments of tools and prompts can be flattened: a variable of a URI is one value",
            );
        }
        if !variables.contains(&name.as_str()) {
            if let Some(complete) = &parameter.complete {
                errors.push(complete, NOT_COMPLETED);
            }
            if matches!(parameter.must_be, MustBe::Either) {
                parameter.must_be = MustBe::Role(not_a_variable(&name, &uri.value(), &variables));
            }
            continue;
        }
        parameter.must_be = MustBe::Argument(format!(
            "`{name}` is a variable of the URI template `{}`, but a parameter of this type is filled by the server: \
             rename one of them",
            uri.value()
        ));
        if let Some(default) = parameter
            .default
            .as_ref()
            .filter(|_| !template.is_in_query(&name))
        {
            errors.push(
                default,
                format!(
                    "the path always has a value for `{name}`: only variables of the query, `{{?{name}}}`, can have \
                     a default"
                ),
            );
        }
    }
}

fn not_a_variable(name: &str, uri: &str, variables: &[&str]) -> String {
    if variables.is_empty() {
        return format!(
            "parameter `{name}` is not a variable of the URI `{uri}`, which has none: write `{{{name}}}` where its \
             value stands"
        );
    }
    let variables: Vec<String> = variables
        .iter()
        .map(|variable| format!("`{variable}`"))
        .collect();
    format!(
        "parameter `{name}` is not a variable of the URI template `{uri}`: its variables are {}",
        variables.join(", ")
    )
}

fn take_setters(options: &mut Options, is_template: bool, errors: &mut Errors) -> TokenStream {
    let mut setters = TokenStream::new();
    if let Some(mime_type) = options.literal("mime_type", errors) {
        if !is_mime_type(&mime_type.value()) {
            errors.push(
                &mime_type,
                format!(
                    "`{}` is not a MIME type: write a type and a subtype, such as `text/plain`",
                    mime_type.value()
                ),
            );
        }
        setters.extend(quote!(.mime_type(#mime_type)));
    }
    if let Some(size) = take_size(options, is_template, errors) {
        setters.extend(quote!(.size(#size)));
    }
    if let Some(audience) = take_audience(options, errors) {
        setters.extend(quote!(.audience(__mcp::Audience::#audience)));
    }
    if let Some(priority) = take_priority(options, errors) {
        setters.extend(quote!(.priority(#priority)));
    }
    if let Some(milliseconds) = take_ttl(options, errors) {
        setters.extend(quote!(.ttl(#milliseconds)));
    }
    if take_scope(options, errors) == Some(Scope::Public) {
        setters.extend(quote!(.public()));
    }
    setters
}

fn take_ttl(options: &mut Options, errors: &mut Errors) -> Option<u64> {
    let text = options.literal("ttl", errors)?;
    let milliseconds = common::duration(&text.value());
    errors.ok(milliseconds.map_err(|problem| syn::Error::new(text.span(), problem)))
}

/// For whom a cached result is.
#[derive(PartialEq, Eq)]
enum Scope {
    Public,
    Private,
}

fn take_scope(options: &mut Options, errors: &mut Errors) -> Option<Scope> {
    let option = options.take("scope")?;
    match option.literal(errors)?.value().as_str() {
        "public" => Some(Scope::Public),
        "private" => Some(Scope::Private),
        _ => option.misshapen(errors),
    }
}

fn take_size(options: &mut Options, is_template: bool, errors: &mut Errors) -> Option<u64> {
    let option = options.take("size")?;
    if is_template {
        errors.push(
            &option.key,
            "a template stands for resources of many sizes: remove `size`",
        );
    }
    match peel(&option.expr(errors)?) {
        Expr::Lit(ExprLit {
            lit: Lit::Int(size),
            ..
        }) => errors.ok(size.base10_parse()),
        _ => option.misshapen(errors),
    }
}

fn take_audience(options: &mut Options, errors: &mut Errors) -> Option<syn::Ident> {
    let option = options.take("audience")?;
    let audience = option.literal(errors)?;
    match audience.value().as_str() {
        "user" => Some(quote::format_ident!("User")),
        "assistant" => Some(quote::format_ident!("Assistant")),
        _ => option.misshapen(errors),
    }
}

fn take_priority(options: &mut Options, errors: &mut Errors) -> Option<f32> {
    let option = options.take("priority")?;
    let value = option.expr(errors)?;
    let priority = match peel(&value) {
        Expr::Lit(ExprLit {
            lit: Lit::Float(priority),
            ..
        }) => priority.base10_parse().ok(),
        Expr::Lit(ExprLit {
            lit: Lit::Int(priority),
            ..
        }) => priority.base10_parse().ok(),
        _ => return option.misshapen(errors),
    };
    let priority = priority.filter(|priority| (0.0..=1.0).contains(priority));
    if priority.is_none() {
        errors.push(
            &value,
            "a priority is a number from `0.0`, optional, to `1.0`, required",
        );
    }
    priority
}

/// A type and a subtype, and parameters that are not looked at.
fn is_mime_type(text: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c))
    };
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mime_type_has_a_type_and_a_subtype() {
        for good in [
            "text/plain",
            "application/vnd.api+json",
            "text/html; charset=utf-8",
            "text/html;profile=mcp-app",
        ] {
            assert!(is_mime_type(good), "{good}");
        }
        for bad in [
            "",
            "text",
            "text/",
            "/plain",
            "text/plain/x",
            "text plain",
            " text/plain",
        ] {
            assert!(!is_mime_type(bad), "{bad}");
        }
    }
}
