//! [`Fingerprint`]: whether two JSON values are the same, without keeping them.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A fingerprint that is taken.
pub(crate) type Print = [u8; 32];

/// Objects with at most so many keys are put in order without an allocation.
const SMALL: usize = 16;

/// The fingerprint of a sequence of texts and values: SHA-256 of a form in which the order of the keys of an object makes
/// no difference and everything else does. Taking it needs no memory, which is why not the form itself is kept.
#[derive(Default)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    /// The fingerprint of texts.
    pub(crate) fn of(texts: &[&str]) -> Print {
        let mut print = Self::default();
        for text in texts {
            print.text(text);
        }
        print.finish()
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, text: &str) {
        // With its length, so that no two sequences come to the same bytes.
        self.length(b's', text.len());
        self.0.update(text.as_bytes());
    }

    /// Adds a value.
    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.0.update(b"n"),
            Value::Bool(yes) => self.0.update(if *yes { b"t" } else { b"f" }),
            Value::Number(number) => {
                // The end is one that no number has among its digits. Writing cannot fail.
                let _ = write!(Feed(&mut self.0), "d{number};");
            }
            Value::String(text) => self.text(text),
            Value::Array(list) => {
                self.length(b'a', list.len());
                for item in list {
                    self.value(item);
                }
            }
            Value::Object(object) => self.object(object),
        }
    }

    /// Adds an object.
    pub(crate) fn object(&mut self, object: &Map<String, Value>) {
        self.length(b'o', object.len());
        if object.len() > SMALL {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            for (key, value) in entries {
                self.entry(key, value);
            }
            return;
        }
        let mut last: Option<&String> = None;
        let after = |last: Option<&String>| {
            let rest = object
                .iter()
                .filter(|(key, _)| last.is_none_or(|last| *key > last));
            rest.min_by_key(|(key, _)| *key)
        };
        while let Some((key, value)) = after(last) {
            self.entry(key, value);
            last = Some(key);
        }
    }

    pub(crate) fn finish(self) -> Print {
        self.0.finalize().into()
    }

    fn entry(&mut self, key: &str, value: &Value) {
        self.text(key);
        self.value(value);
    }

    fn length(&mut self, kind: u8, length: usize) {
        self.0.update([kind]);
        self.0.update((length as u64).to_le_bytes());
    }
}

/// Takes the fingerprint of what is written, without an allocation.
struct Feed<'a>(&'a mut Sha256);

impl fmt::Write for Feed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: &Value) -> Print {
        let mut print = Fingerprint::default();
        print.value(value);
        print.finish()
    }

    #[test]
    fn the_order_of_keys_makes_no_difference_and_everything_else_does() {
        assert_eq!(
            of(&json!({ "a": 1, "b": { "c": [true], "d": null } })),
            of(&json!({ "b": { "d": null, "c": [true] }, "a": 1 }))
        );
        let values = [
            json!(null),
            json!(false),
            json!(true),
            json!(1),
            json!(1.5),
            json!(11),
            json!("1"),
            json!(""),
            json!([]),
            json!({}),
            json!([1, 1]),
            json!([[1], 1]),
            json!([[1, 1]]),
            json!(["a", "b"]),
            json!(["ab", ""]),
            json!({ "a": "b" }),
            json!({ "b": "a" }),
            json!({ "a": { "b": 1 } }),
            json!({ "a": { "b": 1, "c": 1 } }),
            json!({ "a": { "b": 1 }, "c": 1 }),
        ];
        for (at, one) in values.iter().enumerate() {
            for other in &values[..at] {
                assert_ne!(of(one), of(other), "{one} and {other}");
            }
        }
    }

    #[test]
    fn large_objects_are_put_in_order_like_small_ones() {
        for length in [SMALL, SMALL + 1, 100] {
            let keys = |range: &mut dyn Iterator<Item = usize>| -> Value {
                range.map(|at| (at.to_string(), json!(at))).collect()
            };
            let up = keys(&mut (0..length));
            let down = keys(&mut (0..length).rev());
            assert_eq!(of(&up), of(&down), "{length}");
            assert_ne!(of(&up), of(&keys(&mut (1..=length))), "{length}");
        }
    }

    #[test]
    fn texts_are_told_apart_by_where_they_end() {
        assert_ne!(Fingerprint::of(&["ab", "c"]), Fingerprint::of(&["a", "bc"]));
        assert_ne!(Fingerprint::of(&["a"]), Fingerprint::of(&["a", ""]));
    }
}
