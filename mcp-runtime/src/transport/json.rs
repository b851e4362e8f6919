//! JSON, read strictly: a key that stands twice in one object is an error, however deep.
//!
//! `serde_json` lets the last of them win. Whatever looks at a message before the server does may take the first, and then
//! the two do not mean the same message.

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, map::Entry};

use crate::refusal::shown;

/// The key under which `serde_json` hands over a number if another crate has turned on its feature `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

/// Reads a value. An error is one of data if a key stands twice, and of syntax otherwise, also for a value that is nested
/// too deeply.
pub(super) fn read(text: &str) -> serde_json::Result<Value> {
    read_as(Strict, text)
}

/// Reads what `seed` makes of the text; it reads the values inside by [`Strict`].
pub(super) fn read_as<'a, S: DeserializeSeed<'a>>(
    seed: S,
    text: &'a str,
) -> serde_json::Result<S::Value> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Reads a value inside of another one.
pub(super) struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if key == NUMBER {
                let number = object.next_value::<String>()?.parse::<Number>();
                return number.map(Value::Number).map_err(Error::custom);
            }
            insert(&mut map, key, &mut object)?;
        }
        Ok(map.into())
    }
}

/// Reads the value of a key, and adds both to an object that must not have the key.
pub(super) fn insert<'de, A: MapAccess<'de>>(
    map: &mut Map<String, Value>,
    key: String,
    object: &mut A,
) -> Result<(), A::Error> {
    // By its entry, so that the key is hashed once.
    match map.entry(key) {
        Entry::Vacant(entry) => drop(entry.insert(object.next_value_seed(Strict)?)),
        Entry::Occupied(entry) => return Err(twice(entry.key())),
    }
    Ok(())
}

/// The error about a key that stands twice.
pub(super) fn twice<E: Error>(key: &str) -> E {
    E::custom(format_args!(
        "the key `{}` stands twice in one object",
        shown(key)
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_read_like_any_json() {
        let text = r#"{"a": [1, -2, 0.5, "\u00e9", true, null], "b": {"c": {}}}"#;
        let value = json!({ "a": [1, -2, 0.5, "é", true, null], "b": { "c": {} } });
        assert_eq!(read(text).unwrap(), value);
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error_of_data_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":[{"a":1,"b":2,"\u0061":3}]}"#,
            r#"[[{"a":{"b":1,"b":2}}]]"#,
        ] {
            let error = read(text).unwrap_err();
            assert!(error.is_data(), "{text}");
            assert!(error.to_string().contains("twice"), "{error}");
        }
    }

    #[test]
    fn what_is_nested_too_deeply_or_too_large_a_number_is_an_error_of_syntax() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let large = "9".repeat(1_000_000);
        for text in [&*deep, &*large, "1e999", r#""\ud800""#, "NaN", "1 2"] {
            assert!(read(text).unwrap_err().is_syntax());
        }
    }
}
