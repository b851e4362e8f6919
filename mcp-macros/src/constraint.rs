//! What limits an argument: `range`, `length` and `regex`, as far as literals can be checked here.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, ExprLit, Ident, Lit, LitStr, UnOp};

use crate::{
    errors::Errors,
    options::{Known, Options, peel, string},
    span,
};

const RANGE: &[Known] = &[("min", "min = …"), ("max", "max = …")];
const LENGTH: &[Known] = &[
    ("min", "min = …"),
    ("max", "max = …"),
    ("equal", "equal = …"),
];

/// The limits of one argument.
#[derive(Default)]
pub(crate) struct Bounds {
    range: Option<Interval>,
    length: Option<Interval>,
    regex: Option<(Ident, LitStr)>,
}

/// A least and a greatest value, under the option that gave them.
struct Interval {
    key: Ident,
    min: Option<Expr>,
    max: Option<Expr>,
}

impl Bounds {
    /// Takes the limits out of the options of an argument.
    pub(crate) fn take(options: &mut Options, errors: &mut Errors) -> Self {
        Self {
            range: take_interval(options, "range", RANGE, errors),
            length: take_interval(options, "length", LENGTH, errors),
            regex: take_regex(options, errors),
        }
    }

    /// The calls that set the limits. Their names stand where the options do, so that the compiler blames an option that
    /// does not fit the type.
    pub(crate) fn setters(&self) -> TokenStream {
        let range = self.range.iter().map(|Interval { key, min, max }| {
            let min = optional(min.as_ref().map(reference));
            let max = optional(max.as_ref().map(reference));
            quote_spanned!(key.span()=> .range(#min, #max))
        });
        let length = self.length.iter().map(|Interval { key, min, max }| {
            let min = optional(min.as_ref().map(Expr::to_token_stream));
            let max = optional(max.as_ref().map(Expr::to_token_stream));
            quote_spanned!(key.span()=> .length(#min, #max))
        });
        let regex = self
            .regex
            .iter()
            .map(|(key, regex)| quote_spanned!(key.span()=> .pattern(#regex)));
        quote!(#(#range)* #(#length)* #(#regex)*)
    }

    /// Checks a literal that is given as a value of the argument.
    pub(crate) fn check(&self, what: &str, value: &Expr, errors: &mut Errors) {
        if let (Some(range), Some(number)) = (&self.range, number(value)) {
            range.check(what, value, number, errors);
        }
        if let (Some(length), Some(text)) = (&self.length, string(value)) {
            let characters = text.value().chars().count();
            let number = Number::Integer(i128::try_from(characters).unwrap_or(i128::MAX));
            length.check(
                &format!("{what}, {characters} characters long,"),
                value,
                number,
                errors,
            );
        }
    }
}

impl Interval {
    fn check(&self, what: &str, value: &Expr, found: Number, errors: &mut Errors) {
        let key = &self.key;
        let least = self.min.as_ref().and_then(number);
        let most = self.max.as_ref().and_then(number);
        if let (Some(min), Some(least)) = (&self.min, least)
            && found.is_less_than(least)
        {
            errors.push(
                value,
                format!(
                    "the {what} is less than the least `{key}` allows, `{}`",
                    shown(min)
                ),
            );
        }
        if let (Some(max), Some(most)) = (&self.max, most)
            && most.is_less_than(found)
        {
            errors.push(
                value,
                format!(
                    "the {what} is more than the most `{key}` allows, `{}`",
                    shown(max)
                ),
            );
        }
    }
}

fn take_interval(
    options: &mut Options,
    key: &str,
    known: &'static [Known],
    errors: &mut Errors,
) -> Option<Interval> {
    let option = options.take(key)?;
    let mut options = Options::parse(option.list(errors)?, &[known], errors);
    let equal = options.take("equal");
    let min = options.take("min");
    let max = options.take("max");
    if let (Some(equal), true) = (&equal, min.is_some() || max.is_some()) {
        errors.push(
            &equal.key,
            "`equal` is both the least and the greatest length: remove it, or `min` and `max`",
        );
    }
    let (min, max) = match &equal {
        Some(equal) => (equal.expr(errors), equal.expr(errors)),
        None => (
            min.and_then(|min| min.expr(errors)),
            max.and_then(|max| max.expr(errors)),
        ),
    };
    for bound in [&min, &max].into_iter().flatten() {
        if let (true, Some(Number::Integer(..0))) = (key == "length", number(bound)) {
            errors.push(bound, "a length is not negative: write `0` or more");
        }
    }
    if let (Some(least), Some(most)) =
        (min.as_ref().and_then(number), max.as_ref().and_then(number))
        && most.is_less_than(least)
    {
        errors.push(
            &max,
            format!(
                "`max` is less than `min`, `{}`: no value would fit, exchange them",
                shown(&min)
            ),
        );
    }
    Some(Interval {
        key: option.key,
        min,
        max,
    })
}

fn take_regex(options: &mut Options, errors: &mut Errors) -> Option<(Ident, LitStr)> {
    let option = options.take("regex")?;
    let regex = option.literal(errors)?;
    if let Err(problem) = check_regex(&regex.value()) {
        errors.push(&regex, problem);
    }
    Some((option.key, regex))
}

/// A bound as an `Option`.
fn optional(bound: Option<TokenStream>) -> TokenStream {
    match bound {
        Some(bound) => quote!(__mcp::Some(#bound)),
        None => quote!(__mcp::None),
    }
}

/// A reference that lives on: what is not a literal is evaluated as a constant of its own.
fn reference(bound: &Expr) -> TokenStream {
    let reference = quote_spanned!(span::ends(bound).0=> &#bound);
    match number(bound) {
        Some(_) => reference,
        None => quote!(const { #reference }),
    }
}

fn shown(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace("- ", "-")
}

#[derive(Clone, Copy)]
enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    fn is_less_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => one < other,
            (one, other) => one.to_float() < other.to_float(),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the other side is a float, which is no more exact"
    )]
    fn to_float(self) -> f64 {
        match self {
            Self::Integer(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

/// The number that a literal, or a negated literal, is.
fn number(expr: &Expr) -> Option<Number> {
    match peel(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok().map(Number::Integer),
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => number.base10_parse().ok().map(Number::Float),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match number(&unary.expr)? {
            Number::Integer(number) => number.checked_neg().map(Number::Integer),
            Number::Float(number) => Some(Number::Float(-number)),
        },
        _ => None,
    }
}

/// Finds what is wrong with a regular expression without understanding it: the rest is found when the server is built.
fn check_regex(regex: &str) -> Result<(), String> {
    if regex.is_empty() {
        return Err(
            "an empty regular expression matches everything: write one, or remove it".to_owned(),
        );
    }
    let mut open = 0_usize;
    let mut in_class = false;
    let mut characters = regex.chars();
    while let Some(c) = characters.next() {
        match (c, in_class) {
            ('\\', _) if characters.next().is_none() => {
                return Err(
                    "a regular expression cannot end with `\\`: write `\\\\` for a backslash"
                        .to_owned(),
                );
            }
            ('[', false) => in_class = true,
            (']', true) => in_class = false,
            ('(', false) => open += 1,
            (')', false) if open == 0 => {
                return Err(
                    "there is a `)` without a `(` before it: write `\\)` for a parenthesis"
                        .to_owned(),
                );
            }
            (')', false) => open -= 1,
            _ => {}
        }
    }
    match (in_class, open) {
        (true, _) => {
            Err("there is a `[` without a `]` behind it: write `\\[` for a bracket".to_owned())
        }
        (_, 1..) => {
            Err("there is a `(` without a `)` behind it: write `\\(` for a parenthesis".to_owned())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_parentheses_are_balanced() {
        for good in [
            "a",
            r"^\d{4}-\d{2}$",
            r"(a|(b))",
            r"[(\]]",
            r"\(\[",
            "[^]a]?]",
            "]",
        ] {
            assert_eq!(check_regex(good), Ok(()), "{good}");
        }
        for bad in ["", "(a", "a)", "[a", r"a\", "((a)", r"[\]"] {
            assert!(check_regex(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_read_from_literals_alone() {
        let less = |one: &str, other: &str| {
            let read = |text| number(&syn::parse_str(text).unwrap());
            Some(read(one)?.is_less_than(read(other)?))
        };
        assert_eq!(less("-1", "0"), Some(true));
        assert_eq!(less("1_000u32", "0x10"), Some(false));
        assert_eq!(less("0.5", "1"), Some(true));
        assert_eq!(less("1", "1"), Some(false));
        assert_eq!(less("MAX", "1"), None);
    }
}
