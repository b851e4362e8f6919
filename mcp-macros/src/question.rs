//! `#[ask("…")]`: parameters that the user is asked for, and what stands in their questions.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Attribute, Ident, LitStr, Meta, Pat, PatType, Type, ext::IdentExt, parse::Parser};

use crate::{
    argument::Parameter, common::client_name, errors::Errors, handler::Function, name, span,
};

/// How the attribute is written.
const FORM: &str = "expected a question: `#[ask(\"…\")]`";

/// A parameter that the user is asked for.
pub(crate) struct Question {
    /// Which parameter of the function it is.
    pub(crate) index: usize,
    /// The attributes that say when the parameter exists.
    pub(crate) cfgs: Vec<Attribute>,
    /// The variable that holds the question before a call.
    pub(crate) handle: Ident,
    /// The variable that holds its answer.
    pub(crate) variable: Ident,
    /// The name by which its answer is known.
    pub(crate) name: LitStr,
    ty: Type,
    text: LitStr,
}

/// Whether the user is asked for a parameter.
pub(crate) fn is_asked(parameter: &PatType) -> bool {
    with_name(&parameter.attrs, "ask").next().is_some()
}

/// Reads the questions of a handler; `arguments` may stand in them.
pub(crate) fn questions(
    function: &Function,
    arguments: &[Parameter],
    errors: &mut Errors,
) -> Vec<Question> {
    let parameters = function.parameters.iter().enumerate();
    let questions =
        parameters.filter_map(|(index, parameter)| Question::new(index, parameter, errors));
    let questions: Vec<Question> = questions.collect();
    let mut names = HashSet::new();
    for question in &questions {
        let name = question.name.value();
        if !names.insert(name.clone()) {
            errors.push(
                &question.name,
                format!("clients know another question as `{name}`: rename one of the parameters"),
            );
        }
        question.check(arguments, &questions, errors);
    }
    questions
}

impl Question {
    fn new(index: usize, parameter: &PatType, errors: &mut Errors) -> Option<Self> {
        let mut attrs = with_name(&parameter.attrs, "ask");
        let attr = attrs.next()?;
        if let Some(other) = attrs.next() {
            errors.push(
                other.path(),
                "the user is asked already: remove one of the questions",
            );
        }
        if let Some(arg) = with_name(&parameter.attrs, "arg").next() {
            errors.push(
                arg.path(),
                "the user gives this, not the client: its type says what it must be, remove `#[arg]`",
            );
        }
        let name = match &*parameter.pat {
            Pat::Ident(pattern) => LitStr::new(&client_name(&pattern.ident), pattern.ident.span()),
            pattern => {
                errors.push(
                    pattern,
                    "a question needs a name: write one, by which its answer is known",
                );
                LitStr::new("_", Span::call_site())
            }
        };
        Some(Self {
            index,
            cfgs: with_name(&parameter.attrs, "cfg").cloned().collect(),
            handle: format_ident!("__ask{index}"),
            variable: format_ident!("__arg{index}"),
            name,
            ty: (*parameter.ty).clone(),
            text: text(attr, errors),
        })
    }

    /// Checks what stands in the braces of the text.
    fn check(&self, arguments: &[Parameter], questions: &[Self], errors: &mut Errors) {
        for name in names(&self.text.value()) {
            if find(&name, arguments).is_some() {
                continue;
            }
            let is_asked = |other: &Self| other.name.value() == name;
            let problem = if questions.iter().any(is_asked) {
                format!("`{{{name}}}` is asked for as well: only arguments can stand in a question")
            } else if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
                format!("`{{{name}}}` has no name: {}", advice("", arguments))
            } else {
                format!("`{{{name}}}` is no argument: {}", advice(&name, arguments))
            };
            errors.push(&self.text, problem);
        }
    }

    /// The statement that makes the question ready. It stands where the type does, so that a type that is no answer is
    /// blamed there.
    pub(crate) fn declaration(&self) -> TokenStream {
        let Self {
            cfgs,
            handle,
            ty,
            name,
            ..
        } = self;
        let name = name.value();
        let (first, last) = span::ends(ty);
        let new = Ident::new("question", last);
        let made = quote_spanned!(first=> __mcp::Asked::<#ty>::#new(#name));
        quote!(#(#cfgs)* let #handle = #made;)
    }

    /// What the server looks at when it is built.
    pub(crate) fn form(&self) -> TokenStream {
        let Self { cfgs, handle, .. } = self;
        quote!(#(#cfgs)* #handle.form())
    }

    /// The statement that asks.
    pub(crate) fn ask(&self, arguments: &[Parameter]) -> TokenStream {
        let Self {
            cfgs,
            handle,
            variable,
            ..
        } = self;
        let message = self.message(arguments);
        quote!(#(#cfgs)* let #variable = #handle.ask(&__call, #message);)
    }

    fn message(&self, arguments: &[Parameter]) -> TokenStream {
        let text = &self.text;
        if !text.value().contains(['{', '}']) {
            return quote!(#text);
        }
        let mut written = HashSet::new();
        let mut names = names(&text.value());
        names.retain(|name| written.insert(name.clone()));
        let values = names.iter().filter_map(|name| {
            let mut variable = find(name, arguments)?.variable.clone();
            let key = Ident::parse_any.parse_str(name).ok()?;
            // An argument that cannot be shown is blamed in the text.
            variable.set_span(variable.span().located_at(text.span()));
            Some(quote_spanned!(text.span()=> #key = #variable.peek()))
        });
        quote_spanned!(text.span()=> __mcp::format!(#text #(, #values)*))
    }
}

fn text(attr: &Attribute, errors: &mut Errors) -> LitStr {
    let text = match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => {
            let text = syn::parse2::<LitStr>(list.tokens.clone());
            text.map_err(|error| syn::Error::new(error.span(), FORM))
        }
        meta => Err(syn::Error::new_spanned(meta, FORM)),
    };
    if let Ok(text) = &text
        && text.value().trim().is_empty()
    {
        errors.push(
            text,
            "a question cannot be empty: write what the user has to know",
        );
    }
    errors
        .ok(text)
        .unwrap_or_else(|| LitStr::new("", Span::call_site()))
}

/// What to write in braces.
fn advice(name: &str, arguments: &[Parameter]) -> String {
    let known = arguments.iter().filter(|argument| argument.may_be_shown());
    let known: Vec<String> = known
        .filter_map(|argument| argument.ident.clone())
        .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    match (name::nearest(name, &known), known.as_slice()) {
        (Some(near), _) => format!("did you mean `{{{near}}}`?"),
        (None, []) => "there is none, write `{{` for a brace".to_owned(),
        (None, [only]) => format!("write `{{{only}}}`, or `{{{{` for a brace"),
        (None, known) => format!(
            "write one of `{{{}}}`, or `{{{{` for a brace",
            known.join("}`, `{")
        ),
    }
}

fn find<'a>(name: &str, arguments: &'a [Parameter]) -> Option<&'a Parameter> {
    let mut arguments = arguments.iter();
    arguments.find(|argument| argument.ident.as_deref() == Some(name))
}

fn with_name<'a>(attrs: &'a [Attribute], name: &'a str) -> impl Iterator<Item = &'a Attribute> {
    attrs.iter().filter(move |attr| attr.path().is_ident(name))
}

/// The arguments that a format string names, also those of widths and precisions; what is broken is left to the compiler.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('{') {
        if let Some(escaped) = behind.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let Some((placeholder, behind)) = behind.split_once('}') else {
            break;
        };
        let (name, format) = placeholder.split_once(':').unwrap_or((placeholder, ""));
        names.push(name.trim().to_owned());
        let mut sizes = format.split('$');
        // What stands behind the last one is no size.
        sizes.next_back();
        names.extend(sizes.map(size));
        rest = behind;
    }
    names
}

/// The name at the end of a piece of a format, before its `$`.
fn size(format: &str) -> String {
    let start = format
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric() || *c == '_')
        .last()
        .map_or(format.len(), |(at, _)| at);
    // A `0` before it asks for zeros.
    let name = format[start..].trim_start_matches('0');
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_braces() {
        assert_eq!(names("no {{name}} in here }}"), [""; 0]);
        assert_eq!(names("{a} and { b }, {a:?}"), ["a", "b", "a"]);
        assert_eq!(names("{} {0} {:?}"), ["", "0", ""]);
        assert_eq!(names("{{{a}}}"), ["a"]);
        assert_eq!(names("open {a"), [""; 0]);
    }

    #[test]
    fn names_stand_in_formats() {
        assert_eq!(names("{a:>wide$}"), ["a", "wide"]);
        assert_eq!(names("{a:#0wide$.most$}"), ["a", "wide", "most"]);
        assert_eq!(names("{a:-^+12.3}"), ["a"]);
        assert_eq!(names("{a:1$}"), ["a", "1"]);
    }
}
