//! The options that limit calls and keep what they come to: `rate` and `cache`.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::LitStr;

use crate::{
    common::duration,
    errors::Errors,
    options::{Entry, Known, Options},
};

/// How a rate is written.
pub(crate) const RATE: Known = ("rate", "rate = \"5/s\"");

/// How it is written that results are kept.
pub(crate) const CACHE: Known = ("cache", "cache = \"30s\"` or `cache(ttl = \"30s\", public)");

const CACHE_OPTIONS: &[Known] = &[("ttl", "ttl = \"30s\""), ("public", "public")];

/// Takes the rate out: the call that sets it.
pub(crate) fn take_rate(options: &mut Options, errors: &mut Errors) -> Option<TokenStream> {
    let text = options.literal("rate", errors)?;
    match rate(&text.value()) {
        Ok((count, period, burst)) => {
            let span = text.span().resolved_at(Span::call_site());
            Some(quote_spanned!(span=> .rate(__mcp::rate!(#count, #period, #burst))))
        }
        Err(problem) => {
            errors.push(&text, problem);
            None
        }
    }
}

/// Takes out for how long results are kept: the call that sets it. `refusal` says why they must not be.
pub(crate) fn take_cache(
    options: &mut Options,
    refusal: Option<&str>,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let option = options.take("cache")?;
    if let Some(refusal) = refusal {
        errors.push(&option.key, refusal);
    }
    let (text, public) = kept(&option, errors)?;
    let milliseconds = match duration(&text.value()) {
        Ok(0) => {
            errors.push(
                &text,
                "what is kept for no time is not kept: write a longer one, or leave `cache` out",
            );
            return None;
        }
        Ok(milliseconds) => milliseconds,
        Err(problem) => {
            errors.push(&text, problem);
            return None;
        }
    };
    let span = option.key.span().resolved_at(Span::call_site());
    Some(quote_spanned!(span=> .cache(__mcp::cache!(#milliseconds, #public))))
}

/// The time, and whether all callers share what is kept.
fn kept(option: &Entry, errors: &mut Errors) -> Option<(LitStr, bool)> {
    if !option.is_list() {
        return Some((option.literal(errors)?, false));
    }
    let mut options = Options::parse(option.list(errors)?, &[CACHE_OPTIONS], errors);
    let public = options.take("public");
    let public = public.is_some_and(|public| public.flag(errors) == Some(true));
    match options.take("ttl") {
        Some(ttl) => Some((ttl.literal(errors)?, public)),
        None => {
            errors.push(
                &option.key,
                "say for how long: `cache(ttl = \"30s\", public)`",
            );
            None
        }
    }
}

/// Why the results of a handler cannot be kept, although it only reads.
pub(crate) fn bound_to_the_call(asks: bool, streams: bool) -> Option<&'static str> {
    match (asks, streams) {
        (true, _) => Some("what a user has answered is for one call only: remove `cache`"),
        (_, true) => Some("what is told piece by piece is for one call only: remove `cache`"),
        _ => None,
    }
}

/// The longest time in which an empty bucket is full again, in milliseconds.
const LONGEST: u128 = 366 * 24 * 60 * 60 * 1000;

/// Reads a rate such as `5/s`, `1/10s` or `5/s burst 20`: the count, the time in milliseconds, and the burst.
fn rate(text: &str) -> Result<(u32, u64, u32), String> {
    let form = || {
        format!(
            "`{text}` is not a rate: write a number of calls and a time, such as `5/s`, `100/m`, `1000/h` or `1/10s`, and \
             perhaps a burst, such as `5/s burst 20`"
        )
    };
    let (rate, burst) = match text.split_once(" burst ") {
        Some((rate, burst)) => (rate, Some(number(burst).ok_or_else(form)?)),
        None => (text, None),
    };
    let (count, period) = rate.split_once('/').ok_or_else(form)?;
    let count = number(count).ok_or_else(form)?;
    let period = period_of(period).ok_or_else(form)?;
    let burst = burst.unwrap_or(count);
    if count == 0 || period == 0 || burst == 0 {
        return Err("nobody could ever call it: a rate has no zero".to_owned());
    }
    if u64::from(count) > period * 1000 {
        return Err("a rate is at most a million calls a second".to_owned());
    }
    if u128::from(period) * u128::from(burst) > LONGEST * u128::from(count) {
        return Err("after a burst it would take more than a year until the next one".to_owned());
    }
    Ok((count, period, burst))
}

/// A unit, or several of them, in milliseconds.
fn period_of(text: &str) -> Option<u64> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let times = match &text[..text.len() - unit.len()] {
        "" => 1,
        times => number(times)?,
    };
    let unit: u64 = match unit {
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "d" => 24 * 60 * 60 * 1000,
        _ => return None,
    };
    Some(u64::from(times) * unit)
}

/// Digits and nothing else; `parse` takes a sign, too.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Says that a tool is not one whose results can be kept; `missing` are the options that it lacks.
pub(crate) fn not_the_same(missing: &[&str]) -> Option<String> {
    let missing: Vec<String> = missing.iter().map(|key| format!("`{key}`")).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "only what changes nothing and is the same each time can be kept: add {}, or remove `cache`",
            missing.join(" and ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_count_a_time_and_perhaps_a_burst() {
        let read = |text| rate(text).ok();
        assert_eq!(read("5/s"), Some((5, 1000, 5)));
        assert_eq!(read("100/m"), Some((100, 60_000, 100)));
        assert_eq!(read("1000/h"), Some((1000, 3_600_000, 1000)));
        assert_eq!(read("1/d"), Some((1, 86_400_000, 1)));
        assert_eq!(read("1/10s"), Some((1, 10_000, 1)));
        assert_eq!(read("5/s burst 20"), Some((5, 1000, 20)));
        for bad in [
            "",
            "5",
            "/s",
            "5/",
            "5/y",
            "5 / s",
            "-5/s",
            "+5/s",
            "5/s burst",
            "5/s burst x",
            "1.5/s",
            "99999999999/s",
            "0/s",
            "5/0s",
            "5/s burst 0",
            "1000001/s",
            "1/d burst 1000",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
