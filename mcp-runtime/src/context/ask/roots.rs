//! [`Root`]: a folder that the user works in.

use serde::Deserialize;
use serde_json::Value;

/// A folder or a file that the user works in, as the client tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Root {
    /// Where it is, usually a `file://` URI. The client may name anything: check it before you use it.
    pub uri: String,
    /// A name for people.
    pub name: Option<String>,
}

impl Root {
    /// The roots of an answer.
    pub(super) fn read(answer: &Value) -> Option<Vec<Self>> {
        serde_json::from_value(answer.get("roots")?.clone()).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn roots_are_read_with_and_without_a_name() {
        let answer =
            json!({ "roots": [{ "uri": "file:///a", "name": "A" }, { "uri": "file:///b" }] });
        let roots = Root::read(&answer).unwrap();
        assert_eq!(roots[0].name.as_deref(), Some("A"));
        assert_eq!((&*roots[1].uri, &roots[1].name), ("file:///b", &None));
        assert_eq!(Root::read(&json!({ "roots": [] })), Some(Vec::new()));
    }

    #[test]
    fn anything_else_is_no_answer() {
        for answer in [json!(null), json!({}), json!({ "roots": [{ "uri": 1 }] })] {
            assert_eq!(Root::read(&answer), None, "{answer}");
        }
    }
}
