//! The keyword `format`, asserted.
//!
//! - Integers: `int8` to `int128`, `uint8` to `uint128`, `int` and `uint`, as `schemars` writes
//!   them. JSON Schema has no word for "fits 64 bits", and without it a number could pass that the
//!   type behind the schema cannot hold.
//! - Strings: `date`, `time`, `date-time`, `duration`, `email`, `hostname`, `ipv4`, `ipv6`, `uri`
//!   and `uuid`.
//!
//! Any other format is a remark for the reader, as draft 2020-12 has it by default.

use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError, Validator};
use serde_json::{Map, Number, Value, json};

/// The string formats that are asserted, each with how it is called and a sample.
const STRINGS: [(&str, &str, &str); 10] = [
    ("date", "a date (YYYY-MM-DD)", "2025-01-31"),
    ("time", "a time (RFC 3339)", "12:30:00Z"),
    (
        "date-time",
        "a date-time (RFC 3339)",
        "2025-01-31T12:30:00Z",
    ),
    ("duration", "a duration (ISO 8601)", "PT5M"),
    ("email", "an email address", "someone@example.com"),
    ("hostname", "a host name", "example.com"),
    ("ipv4", "an IPv4 address", "192.0.2.1"),
    ("ipv6", "an IPv6 address", "2001:db8::1"),
    ("uri", "a URI", "https://example.com/"),
    ("uuid", "a UUID", "123e4567-e89b-42d3-a456-426614174000"),
];

/// What strings of a format are called, if the format is asserted.
pub(super) fn string_phrase(format: &str) -> Option<&'static str> {
    let (_, phrase, _) = STRINGS.iter().find(|(name, ..)| *name == format)?;
    Some(phrase)
}

/// A valid string of a format, if the format is asserted.
pub(super) fn string_sample(format: &str) -> Option<&'static str> {
    let (.., sample) = STRINGS.iter().find(|(name, ..)| *name == format)?;
    Some(sample)
}

/// The range of an integer format, and its width in bits.
///
/// 128 bits are cut to what `i128` holds: no JSON number that is read as an integer comes near.
pub(super) fn integer_range(format: &str) -> Option<(i128, i128, u32)> {
    let (signed, bits) = match format.strip_prefix("uint") {
        Some(bits) => (false, bits),
        None => (true, format.strip_prefix("int")?),
    };
    let bits = match bits {
        "" => usize::BITS,
        "8" => 8,
        "16" => 16,
        "32" => 32,
        "64" => 64,
        "128" => 128,
        _ => return None,
    };
    Some(match (signed, bits) {
        (true, 128) => (i128::MIN, i128::MAX, bits),
        (false, 128) => (0, i128::MAX, bits),
        (true, _) => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1, bits),
        (false, _) => (0, (1 << bits) - 1, bits),
    })
}

/// The integer that a JSON number stands for.
///
/// A number written with a point or an exponent is one only as far as a float counts in ones: below
/// 2^53. Beyond, the text may have said another number than the one that was read.
pub(super) fn exact_integer(number: &Number) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(integer) = number.as_i128() {
        return Some(integer);
    }
    let float = number.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    let integer = (float.fract() == 0.0 && float.abs() < EXACT).then_some(float as i128);
    integer
}

/// Compiles one `format` keyword.
pub(super) fn compile<'a>(
    _: &'a Map<String, Value>,
    format: &'a Value,
    _: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
    let format = format.as_str().unwrap_or_default();
    let check = if let Some((min, max, _)) = integer_range(format) {
        Check::Integer { min, max }
    } else if string_phrase(format).is_some() {
        let schema = json!({ "format": format });
        Check::Text(
            jsonschema::options()
                .should_validate_formats(true)
                .build(&schema)?,
        )
    } else {
        Check::Nothing
    };
    Ok(Box::new(check))
}

enum Check {
    Integer { min: i128, max: i128 },
    Text(Validator),
    Nothing,
}

impl<'i> Keyword<'i> for Check {
    fn validate(&self, value: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(value) {
            Ok(())
        } else {
            Err(ValidationError::custom("does not have the format"))
        }
    }

    fn is_valid(&self, value: &'i Value) -> bool {
        match (self, value) {
            (Check::Integer { min, max }, Value::Number(number)) => {
                exact_integer(number).is_some_and(|integer| (*min..=*max).contains(&integer))
            }
            (Check::Text(validator), value) => validator.is_valid(value),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(format: &str, value: &Value) -> bool {
        let schema = json!({ "format": format });
        let options = jsonschema::options().with_keyword("format", compile);
        options.build(&schema).unwrap().is_valid(value)
    }

    #[test]
    fn integer_formats_are_ranges() {
        assert!(valid("int8", &json!(-128)));
        assert!(!valid("int8", &json!(128)));
        assert!(valid("uint32", &json!(4_294_967_295_u32)));
        assert!(!valid("uint32", &json!(4_294_967_296_u64)));
        assert!(valid("int64", &json!(i64::MIN)));
        assert!(!valid("int64", &json!(9_223_372_036_854_775_808_u64)));
        assert!(valid("uint64", &json!(u64::MAX)));
        assert!(!valid("uint64", &json!(-1)));
        assert!(valid("uint", &json!(7)));
        assert!(valid("int128", &json!(u64::MAX)));
        assert!(!valid("uint128", &json!(-1)));
    }

    #[test]
    fn a_float_is_an_integer_as_far_as_it_is_exact() {
        assert!(valid("int32", &json!(2.0)));
        assert!(!valid("int32", &json!(2.5)));
        assert!(valid("int64", &json!(9_007_199_254_740_991.0)));
        assert!(!valid("int64", &json!(9_007_199_254_740_992.0)));
        assert!(!valid("int128", &json!(1e300)));
    }

    #[test]
    fn every_asserted_string_format_takes_its_sample_and_refuses_other_text() {
        for (format, _, sample) in STRINGS {
            assert!(valid(format, &json!(sample)), "{format}");
            assert!(!valid(format, &json!("not this: \u{7}")), "{format}");
            assert!(
                valid(format, &json!(5)),
                "{format} says nothing about numbers"
            );
        }
    }

    #[test]
    fn an_unknown_format_is_only_a_remark() {
        assert!(valid("password", &json!("anything")));
        assert!(valid("int7", &json!(1000)));
    }
}
