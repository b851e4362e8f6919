//! The options that tools, resources and prompts share.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Expr, Ident, LitStr, Path, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    parse_quote, token,
};

use crate::{
    doc,
    errors::Errors,
    guard,
    handler::{Function, Kind},
    limit, name,
    options::{Entry, Known, Options, expected, go_on, peel},
};

/// The shared options and how they are written.
pub(crate) const OPTIONS: &[Known] = &[
    ("name", "name = \"…\""),
    ("title", "title = \"…\""),
    ("description", "description = \"…\""),
    ("icons", "icons(\"https://…\")"),
    ("meta", "meta(\"example.com/key\" = …)"),
    ("tags", "tags(\"…\")"),
    ("timeout", "timeout = \"5s\""),
    ("scopes", "scopes(\"…\")"),
    ("guard", "guard = function"),
    ("layer", "layer = TimeoutLayer::new(…)"),
    limit::RATE,
    CRATE,
];

/// Where the runtime is found.
pub(crate) const CRATE: Known = ("crate", "crate = path");

/// The shared options of one handler.
pub(crate) struct Common {
    /// The path of the runtime, if one was given.
    pub(crate) root: Option<Path>,
    /// The name that clients use.
    pub(crate) name: LitStr,
    /// The calls that set everything else.
    pub(crate) setters: TokenStream,
}

impl Common {
    /// Takes the shared options out.
    pub(crate) fn take(options: &mut Options, function: &Function, errors: &mut Errors) -> Self {
        let mut setters = TokenStream::new();
        let name = take_name(options, function, errors);
        if let Some(title) = options.text("title", errors) {
            setters.extend(quote!(.title(#title)));
        }
        if let Some(description) = take_description(options, function, errors) {
            setters.extend(quote!(.description(#description)));
        }
        for icon in take_icons(options, errors) {
            setters.extend(quote!(.icon(__mcp::Icon::new(#icon))));
        }
        for (key, value) in take_meta(options, errors) {
            setters.extend(quote!(.meta(#key, __mcp::json!(#value))));
        }
        let tags = take_tags(options, errors);
        if !tags.is_empty() {
            setters.extend(quote!(.tags(&[#(#tags),*])));
        }
        if let Some(milliseconds) = take_timeout(options, errors) {
            setters.extend(quote!(.timeout(#milliseconds)));
        }
        setters.extend(guard::take(options, errors));
        setters.extend(limit::take_rate(options, errors));
        Self {
            root: take_root(options, errors),
            name,
            setters,
        }
    }
}

/// Takes the path of the runtime out.
pub(crate) fn take_root(options: &mut Options, errors: &mut Errors) -> Option<Path> {
    let entry = options.take("crate")?;
    match peel(&entry.expr(errors)?) {
        Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        _ => entry.misshapen(errors),
    }
}

/// The path of the runtime in options that are not looked at otherwise.
pub(crate) fn root_among(options: TokenStream) -> Option<Path> {
    let mut errors = Errors::default();
    take_root(
        &mut Options::parse(options, &[&[CRATE]], &mut errors),
        &mut errors,
    )
}

/// The path of the runtime, unless another one was given.
pub(crate) fn root_or_default(root: Option<Path>) -> Path {
    root.unwrap_or_else(|| parse_quote!(::mcp_runtime))
}

fn take_name(options: &mut Options, function: &Function, errors: &mut Errors) -> LitStr {
    let Some(name) = options.literal("name", errors) else {
        let ident = function.ident.unraw().to_string();
        if name::check(&ident).is_err() {
            let kind = function.kind.noun();
            errors.push(
                &function.ident,
                format!(
                    "a {kind} cannot be called `{ident}`: add `name = \"…\"` with ASCII letters, digits, `_`, `-` or \
                     `.`"
                ),
            );
        }
        return LitStr::new(&ident, Span::call_site());
    };
    let checked = match function.kind {
        Kind::Tool | Kind::Prompt => name::check(&name.value()),
        // The protocol asks nothing of these: their URIs are what must be right.
        Kind::Resource if name.value().trim().is_empty() => {
            Err("a name cannot be empty: write one, or leave it out".to_owned())
        }
        Kind::Resource => Ok(()),
    };
    if let Err(problem) = checked {
        errors.push(&name, problem);
    }
    name
}

fn take_description(
    options: &mut Options,
    function: &Function,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let comment = doc::text(&function.attrs);
    let Some(option) = options.take("description") else {
        if comment.is_none() && !doc::may_be_missing(&function.attrs) {
            let ident = &function.ident;
            errors.push(
                ident,
                format!(
                    "`{ident}` needs a description, by which clients choose it: write a doc comment above it, or \
                     `description = \"…\"`"
                ),
            );
        }
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

fn take_icons(options: &mut Options, errors: &mut Errors) -> Vec<LitStr> {
    let Some(option) = options.take("icons") else {
        return Vec::new();
    };
    let icons = option.literals(errors);
    for icon in &icons {
        let uri = icon.value().to_ascii_lowercase();
        if !uri.starts_with("https://") && !uri.starts_with("data:") {
            errors.push(
                icon,
                "an icon is an `https://` or a `data:` URI: clients refuse all others",
            );
        }
    }
    icons
}

fn take_tags(options: &mut Options, errors: &mut Errors) -> Vec<LitStr> {
    let Some(option) = options.take("tags") else {
        return Vec::new();
    };
    let tags = option.literals(errors);
    for (at, tag) in tags.iter().enumerate() {
        if tag.value().trim().is_empty() {
            errors.push(tag, "a tag cannot be empty: write a word, or remove it");
        } else if tags[..at].iter().any(|other| other.value() == tag.value()) {
            errors.push(
                tag,
                format!(
                    "the tag `{}` is given twice: remove one of them",
                    tag.value()
                ),
            );
        }
    }
    tags
}

fn take_meta(options: &mut Options, errors: &mut Errors) -> Vec<(LitStr, TokenStream)> {
    let Some(option) = options.take("meta") else {
        return Vec::new();
    };
    let Some(tokens) = option.list(errors) else {
        return Vec::new();
    };
    let mut entries: Vec<(LitStr, TokenStream)> = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let entry = errors.ok(meta_entry(input));
            go_on(input, entry.is_some(), errors);
            if let Some((key, value)) = entry {
                if let Err(problem) = name::check_meta_key(&key.value()) {
                    errors.push(&key, problem);
                } else if entries
                    .iter()
                    .any(|(other, _)| other.value() == key.value())
                {
                    errors.push(
                        &key,
                        format!(
                            "the key `{}` is given twice: remove one of them",
                            key.value()
                        ),
                    );
                }
                entries.push((key, value));
            }
        }
        Ok(())
    };
    // What cannot be read has been reported.
    let _ = parser.parse2(tokens);
    entries
}

fn meta_entry(input: ParseStream<'_>) -> syn::Result<(LitStr, TokenStream)> {
    let form = "\"example.com/key\" = …";
    let key = input
        .parse()
        .map_err(|error| syn::Error::new(error.span(), expected(form)))?;
    if !input.peek(Token![=]) {
        return Err(input.error(expected(form)));
    }
    input.parse::<Token![=]>()?;
    Ok((key, json(input)?))
}

/// An expression, or an object or an array as JSON has them.
fn json(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let ahead = input.fork();
    if (input.peek(token::Brace) || input.peek(token::Bracket))
        && ahead.parse::<TokenTree>().is_ok()
        && (ahead.is_empty() || ahead.peek(Token![,]))
    {
        return input.parse::<TokenTree>().map(TokenTree::into_token_stream);
    }
    input.parse().map(Expr::into_token_stream)
}

fn take_timeout(options: &mut Options, errors: &mut Errors) -> Option<u64> {
    let option: Entry = options.take("timeout")?;
    let text = option.literal(errors)?;
    match duration(&text.value()) {
        Ok(0) => {
            errors.push(
                &text,
                "nothing is done in no time: write a duration longer than that, or leave it out",
            );
            None
        }
        Ok(milliseconds) => Some(milliseconds),
        Err(problem) => {
            errors.push(&text, problem);
            None
        }
    }
}

/// Reads a duration such as `500ms`, `5s`, `2m` or `1h`, in milliseconds.
pub(crate) fn duration(text: &str) -> Result<u64, String> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = &text[..text.len() - unit.len()];
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => 0,
    };
    if number.is_empty() || factor == 0 {
        return Err(format!(
            "`{text}` is not a duration: write a whole number and its unit, `ms`, `s`, `m` or `h`, such as `5s`"
        ));
    }
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .ok_or_else(|| format!("`{text}` is too long a time"))
}

/// The name of a parameter that clients use, as long as no option renames it.
///
/// A parameter that the body does not use begins with `_`, which is nothing that a client should see.
pub(crate) fn client_name(ident: &Ident) -> String {
    let name = ident.unraw().to_string();
    match name.strip_prefix('_') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_numbers_with_a_unit() {
        let read = |text| duration(text).ok();
        assert_eq!(read("0s"), Some(0));
        assert_eq!(read("250ms"), Some(250));
        assert_eq!(read("5s"), Some(5_000));
        assert_eq!(read("2m"), Some(120_000));
        assert_eq!(read("1h"), Some(3_600_000));
        for bad in [
            "",
            "5",
            "s",
            "5 s",
            "1.5s",
            "-1s",
            "5d",
            "99999999999999999999s",
            "9999999999999999999h",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn one_leading_underscore_is_not_shown_to_clients() {
        let name = |text| client_name(&syn::parse_str::<Ident>(text).unwrap());
        assert_eq!(name("_city"), "city");
        assert_eq!(name("__city"), "_city");
        assert_eq!(name("r#type"), "type");
        assert_eq!(name("__"), "_");
    }
}
