//! The digest of arguments: SHA-256 of their canonical JSON.

use std::io;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::chain::Hex;

/// The digest of an object.
pub(super) fn digest(arguments: &Map<String, Value>) -> Hex {
    let mut canonical = Canonical(Sha256::new());
    canonical.object(arguments);
    Hex::of(canonical.0)
}

/// Canonical JSON on its way into a hash: no white space, and the keys of each object in the order of their bytes.
struct Canonical(Sha256);

impl Canonical {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.0.update(if at == 0 { "[" } else { "," });
                    self.value(item);
                }
                self.0.update(if items.is_empty() { "[]" } else { "]" });
            }
            Value::Object(object) => self.object(object),
            scalar => self.scalar(scalar),
        }
    }

    fn object(&mut self, object: &Map<String, Value>) {
        let mut entries: Vec<_> = object.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        for (at, (key, value)) in entries.into_iter().enumerate() {
            self.0.update(if at == 0 { "{" } else { "," });
            self.scalar(key);
            self.0.update(":");
            self.value(value);
        }
        self.0.update(if object.is_empty() { "{}" } else { "}" });
    }

    fn scalar(&mut self, scalar: &(impl serde::Serialize + ?Sized)) {
        // A scalar always has a JSON form, and a hash takes everything.
        let _ = serde_json::to_writer(Feed(&mut self.0), scalar);
    }
}

struct Feed<'a>(&'a mut Sha256);

impl io::Write for Feed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
        let nothing = Hex::of(Sha256::new_with_prefix("{}"));
        assert_eq!(digest(&Map::new()), nothing);
    }
}
