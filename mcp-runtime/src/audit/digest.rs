//! The digest of arguments: SHA-256 of their canonical JSON.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::chain::Hex;

/// How much is hashed at once, in bytes.
const BUFFER: usize = 4096;

/// The digest of an object.
pub(super) fn digest(arguments: &Map<String, Value>) -> Hex {
    let mut canonical = Canonical::default();
    canonical.object(arguments);
    canonical.hash.update(&canonical.text);
    Hex::of(canonical.hash)
}

/// Canonical JSON on its way into a hash: no white space, and the keys of each object in the order of their bytes.
#[derive(Default)]
struct Canonical {
    hash: Sha256,
    /// What the hash has not taken yet: a hash takes long for a few bytes at a time.
    text: Vec<u8>,
}

impl Canonical {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.text.push(if at == 0 { b'[' } else { b',' });
                    self.value(item);
                }
                self.end(if items.is_empty() { "[]" } else { "]" });
            }
            Value::Object(object) => self.object(object),
            scalar => self.scalar(scalar),
        }
    }

    fn object(&mut self, object: &Map<String, Value>) {
        let mut entries: Vec<_> = object.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        for (at, (key, value)) in entries.into_iter().enumerate() {
            self.text.push(if at == 0 { b'{' } else { b',' });
            self.scalar(key);
            self.text.push(b':');
            self.value(value);
        }
        self.end(if object.is_empty() { "{}" } else { "}" });
    }

    fn scalar(&mut self, scalar: &(impl serde::Serialize + ?Sized)) {
        // A scalar always has a JSON form, and memory takes everything.
        let _ = serde_json::to_writer(&mut self.text, scalar);
        self.end("");
    }

    /// The end of a value.
    fn end(&mut self, bracket: &str) {
        self.text.extend_from_slice(bracket.as_bytes());
        if self.text.len() > BUFFER {
            self.hash.update(&self.text);
            self.text.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_digest_is_that_of_the_canonical_text() {
        let arguments = json!({ "b": [1, 2.5, []], "a": { "é": "\"\n", "d": {} }, "c": null });
        let canonical = r#"{"a":{"d":{},"é":"\"\n"},"b":[1,2.5,[]],"c":null}"#;
        let expected = Hex::of(Sha256::new_with_prefix(canonical));
        assert_eq!(digest(arguments.as_object().unwrap()), expected);
        let long = json!({ "list": vec!["x".repeat(100); 100], "text": "y".repeat(2 * BUFFER) });
        let expected = Hex::of(Sha256::new_with_prefix(long.to_string()));
        assert_eq!(digest(long.as_object().unwrap()), expected);
        let nothing = Hex::of(Sha256::new_with_prefix("{}"));
        assert_eq!(digest(&Map::new()), nothing);
    }
}
