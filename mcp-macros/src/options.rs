//! Lists of options: `flag, key = value, key(…)`.
//!
//! Reading never stops at a mistake: it is reported, its value is skipped, and the next option is read.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{
    Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Token,
    ext::IdentExt,
    parenthesized,
    parse::{ParseStream, Parser},
    token,
};

use crate::{errors::Errors, name};

/// An option that a list may hold: its key and how it is written.
pub(crate) type Known = (&'static str, &'static str);

/// What a list of options held, without the mistakes.
pub(crate) struct Options {
    entries: Vec<Entry>,
}

/// One option.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    value: Value,
    form: &'static str,
}

enum Value {
    Bare,
    Assigned(Expr),
    List(TokenStream),
}

impl Options {
    /// Reads a list; options outside of `known` are mistakes, and so are those that are given twice.
    pub(crate) fn parse(tokens: TokenStream, known: &[&[Known]], errors: &mut Errors) -> Self {
        let mut entries = Vec::new();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let entry = errors.ok(Entry::parse(input, known));
                go_on(input, entry.is_some(), errors);
                entries.extend(entry.filter(|entry| is_new(entry, &entries, errors)));
            }
            Ok(())
        };
        // What cannot be read has been reported.
        let _ = parser.parse2(tokens);
        Self { entries }
    }

    /// Reads the lists of all attributes of the given name as one.
    pub(crate) fn parse_attributes(
        attrs: &[Attribute],
        name: &str,
        known: &[Known],
        errors: &mut Errors,
    ) -> Self {
        let mut tokens = TokenStream::new();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
            match &attr.meta {
                Meta::List(list) if !list.tokens.is_empty() => {
                    let list = &list.tokens;
                    tokens.extend(quote!(#list,));
                }
                _ => errors.push(&attr.meta, format!("expected options: `#[{name}(…)]`")),
            }
        }
        Self::parse(tokens, &[known], errors)
    }

    /// The key of the first option that is left.
    pub(crate) fn first_key(&self) -> Option<&Ident> {
        self.entries.first().map(|entry| &entry.key)
    }

    /// Looks at an option without taking it out.
    pub(crate) fn look(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Takes an option out.
    pub(crate) fn take(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at))
    }

    /// Takes all options of a key that may be repeated.
    pub(crate) fn take_all(&mut self, key: &str) -> Vec<Entry> {
        std::iter::from_fn(|| self.take(key)).collect()
    }

    /// Takes an option whose value is a string literal.
    pub(crate) fn literal(&mut self, key: &str, errors: &mut Errors) -> Option<LitStr> {
        self.take(key)?.literal(errors)
    }

    /// Takes an option whose value is a text: a string literal that is not empty, or a constant expression.
    pub(crate) fn text(&mut self, key: &str, errors: &mut Errors) -> Option<Expr> {
        self.take(key)?.text(errors)
    }
}

impl Entry {
    fn parse(input: ParseStream<'_>, known: &[&[Known]]) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error(no_option(input.peek(LitStr), known)));
        }
        let key = input.call(Ident::parse_any)?;
        let mut all = known.iter().copied().flatten();
        let Some((_, form)) = all.find(|(name, _)| key == name) else {
            return Err(syn::Error::new(key.span(), unknown(&key, known)));
        };
        let value = if input.peek(Token![=]) {
            let equals: Token![=] = input.parse()?;
            if input.is_empty() || input.peek(Token![,]) {
                return Err(syn::Error::new(equals.span, expected(form)));
            }
            Value::Assigned(input.parse()?)
        } else if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            Value::List(content.parse()?)
        } else if input.is_empty() || input.peek(Token![,]) || input.peek(Ident::peek_any) {
            Value::Bare
        } else {
            return Err(input.error(expected(form)));
        };
        Ok(Self { key, value, form })
    }

    /// `key` or `key = true`: true; `key = false`: false.
    pub(crate) fn flag(&self, errors: &mut Errors) -> Option<bool> {
        match &self.value {
            Value::Bare => Some(true),
            Value::Assigned(value) => match peel(value) {
                Expr::Lit(ExprLit {
                    lit: Lit::Bool(flag),
                    ..
                }) => Some(flag.value),
                _ => self.misshapen(errors),
            },
            Value::List(_) => self.misshapen(errors),
        }
    }

    /// `key = "…"`.
    pub(crate) fn literal(&self, errors: &mut Errors) -> Option<LitStr> {
        match &self.value {
            Value::Assigned(value) => match string(value) {
                Some(text) => Some(text.clone()),
                None => self.misshapen(errors),
            },
            _ => self.misshapen(errors),
        }
    }

    /// `key = "…"`, not empty, or `key = CONSTANT`.
    pub(crate) fn text(&self, errors: &mut Errors) -> Option<Expr> {
        let value = self.expr(errors)?;
        match peel(&value) {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) if text.value().trim().is_empty() => {
                errors.push(
                    text,
                    format!("`{}` is empty: write a text, or leave it out", self.key),
                );
                None
            }
            Expr::Lit(ExprLit {
                lit: Lit::Str(_), ..
            }) => Some(value),
            Expr::Lit(_) => self.misshapen(errors),
            _ => Some(value),
        }
    }

    /// `key = …`.
    pub(crate) fn expr(&self, errors: &mut Errors) -> Option<Expr> {
        match &self.value {
            Value::Assigned(value) => Some(value.clone()),
            _ => self.misshapen(errors),
        }
    }

    /// Whether the key stands alone.
    pub(crate) fn is_bare(&self) -> bool {
        matches!(self.value, Value::Bare)
    }

    /// Whether the key stands before a list.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// `key(…)`, not empty.
    pub(crate) fn list(&self, errors: &mut Errors) -> Option<TokenStream> {
        match &self.value {
            Value::List(tokens) if !tokens.is_empty() => Some(tokens.clone()),
            _ => self.misshapen(errors),
        }
    }

    /// `key("…", "…")`, not empty.
    pub(crate) fn literals(&self, errors: &mut Errors) -> Vec<LitStr> {
        let mut literals = Vec::new();
        let Some(tokens) = self.list(errors) else {
            return literals;
        };
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let literal = input.parse();
                match &literal {
                    Ok(literal) => literals.push(LitStr::clone(literal)),
                    Err(error) => errors.push_at(error.span(), expected(self.form)),
                }
                go_on(input, literal.is_ok(), errors);
            }
            Ok(())
        };
        // What cannot be read has been reported.
        let _ = parser.parse2(tokens);
        literals
    }

    /// Reports that the value is not of the wanted shape.
    pub(crate) fn misshapen<T>(&self, errors: &mut Errors) -> Option<T> {
        match &self.value {
            Value::Assigned(value) => errors.push(value, expected(self.form)),
            Value::List(list) if !list.is_empty() => errors.push(list, expected(self.form)),
            _ => errors.push(&self.key, expected(self.form)),
        }
        None
    }
}

/// Looks through the invisible groups that `macro_rules!` leave, and through parentheses.
pub(crate) fn peel(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) => &paren.expr,
            expr => return expr,
        };
    }
}

/// The string literal that an expression is.
pub(crate) fn string(expr: &Expr) -> Option<&LitStr> {
    match peel(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

/// Goes on to what stands behind the next comma; behind an element that was read, the comma must stand.
pub(crate) fn go_on(input: ParseStream<'_>, read: bool, errors: &mut Errors) {
    if read && !input.is_empty() && !input.peek(Token![,]) {
        errors.push_at(input.span(), "expected `,`");
        if input.peek(Ident::peek_any) {
            return;
        }
    }
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
    // At the end of the list there is none.
    let _ = input.parse::<Option<Token![,]>>();
}

/// What to write instead of a value of the wrong shape.
pub(crate) fn expected(form: &str) -> String {
    format!("expected `{form}`")
}

/// Repeating an option is a mistake, unless its form says that it may be repeated.
const REPEATABLE: &[&str] = &["example"];

fn is_new(entry: &Entry, entries: &[Entry], errors: &mut Errors) -> bool {
    let repeated = entries.iter().any(|other| other.key == entry.key);
    if !repeated || REPEATABLE.iter().any(|key| entry.key == key) {
        return true;
    }
    errors.push(
        &entry.key,
        format!("`{}` is given twice: remove one of them", entry.key),
    );
    false
}

fn unknown(key: &Ident, known: &[&[Known]]) -> String {
    let keys = known.iter().copied().flatten().map(|(name, _)| *name);
    let keys: Vec<&str> = keys.collect();
    match name::nearest(&key.to_string(), &keys) {
        Some(near) => format!("unknown option `{key}`: did you mean `{near}`?"),
        None => format!("unknown option `{key}`: expected {}", listed(known)),
    }
}

fn no_option(is_text: bool, known: &[&[Known]]) -> String {
    let mut all = known.iter().copied().flatten();
    if is_text && all.any(|(name, _)| *name == "description") {
        return "expected an option: a description is a doc comment, or `description = \"…\"`"
            .to_owned();
    }
    format!("expected an option: {}", listed(known))
}

/// All options; of a few, also how they are written.
fn listed(known: &[&[Known]]) -> String {
    let all: Vec<_> = known.iter().copied().flatten().collect();
    let shown = all
        .iter()
        .map(|(name, form)| if all.len() < 4 { form } else { name });
    let mut shown: Vec<String> = shown.map(|option| format!("`{option}`")).collect();
    let last = shown.pop().unwrap_or_default();
    match shown.as_slice() {
        [] => last,
        _ => format!("{} or {last}", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Known] = &[
        ("name", "name = \"…\""),
        ("title", "title = \"…\""),
        ("on", "on"),
    ];

    fn read(tokens: TokenStream) -> (Options, String) {
        let mut errors = Errors::default();
        let options = Options::parse(tokens, &[KNOWN], &mut errors);
        (options, errors.into_compile_errors().to_string())
    }

    fn told(errors: &str) -> usize {
        errors.matches("compile_error").count()
    }

    #[test]
    fn options_are_read_in_any_order() {
        let (mut options, errors) = read(quote!(on, title = "t", name = ("n"),));
        let mut none = Errors::default();
        assert_eq!(options.literal("name", &mut none).unwrap().value(), "n");
        assert_eq!(options.literal("title", &mut none).unwrap().value(), "t");
        assert_eq!(options.take("on").unwrap().flag(&mut none), Some(true));
        assert!(options.first_key().is_none() && !none.any());
        assert_eq!(errors, "");
    }

    #[test]
    fn reading_goes_on_behind_a_mistake() {
        let (mut options, errors) =
            read(quote!(name = f(1 2), 3, tilte = 4, name, name, on title = "t"));
        assert!(options.take("title").is_some() && options.take("on").is_some());
        assert!(options.take("name").is_some() && options.take("name").is_none());
        assert_eq!(told(&errors), 5, "{errors}");
        assert!(errors.contains("did you mean `title`?"), "{errors}");
        assert!(errors.contains("`name` is given twice"), "{errors}");
    }

    #[test]
    fn a_value_of_the_wrong_shape_is_told_the_right_one() {
        let (mut options, _) = read(quote!(name = 3, title(1), on = "yes"));
        let mut errors = Errors::default();
        assert!(options.literal("name", &mut errors).is_none());
        assert!(options.text("title", &mut errors).is_none());
        assert!(options.take("on").unwrap().flag(&mut errors).is_none());
        let errors = errors.into_compile_errors().to_string();
        assert_eq!(told(&errors), 3, "{errors}");
        assert!(errors.contains(r#"expected `name = \"…\"`"#), "{errors}");
    }
}
