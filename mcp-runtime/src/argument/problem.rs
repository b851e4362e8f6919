//! One thing that is wrong with the arguments of a call.

use std::fmt::{self, Write};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::words::{SHOWN, cut, plain, quote};

/// How many characters of the way to a place are written for humans.
const LONGEST: usize = 200;

/// The code of a path that no file can have.
pub(crate) const PATH: &str = "path";

/// One thing that is wrong with the arguments of a call.
///
/// A refused call carries a list of these in its `_meta`, for programs, beside the text for the
/// model. Two problems are equal if that copy is.
///
/// # Example
///
/// ```
/// use mcp_runtime::Problem;
///
/// let problem = Problem::new("/address/zip", "pattern", "five digits, you sent three");
/// assert_eq!(problem.path, "/address/zip");
/// assert_eq!(problem.to_string(), "address.zip: five digits, you sent three");
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Problem {
    /// Where: a JSON pointer into the arguments; empty for the arguments as a whole.
    ///
    /// For something left out or unknown, it points to where that is missing or should not be.
    pub path: String,
    /// Which rule: a keyword of JSON Schema, such as `minimum`, `required` or `type`.
    pub code: String,
    /// The rules that hold at this place: the relevant part of the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    /// What was sent: long strings are cut, of lists and objects only the size is told, and a
    /// secret is left out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub received: Option<Value>,
    /// The name or the value that was probably meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// The line for the model. It does not travel: the text of the result has it already.
    #[serde(skip)]
    line: String,
}

impl Problem {
    /// Describes a problem that the schema cannot express, in words for the model.
    pub fn new(
        path: impl Into<String>,
        code: impl Into<String>,
        message: impl fmt::Display,
    ) -> Self {
        let path = path.into();
        let line = format!("{}: {message}", dotted(&path));
        Self::with_line(path, code.into(), line)
    }

    /// An argument that fits its schema and yet cannot be read; `code` says why.
    pub(crate) fn unreadable(name: &str, code: &str, error: &serde_json::Error) -> Self {
        let path = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        Self::new(path, code, error)
    }

    pub(super) fn with_line(path: String, code: String, line: String) -> Self {
        Self {
            path,
            code,
            expected: None,
            received: None,
            suggestion: None,
            line,
        }
    }
}

impl PartialEq for Problem {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
            && self.code == other.code
            && self.expected == other.expected
            && self.received == other.received
            && self.suggestion == other.suggestion
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line.is_empty() {
            write!(formatter, "{}: {}", dotted(&self.path), self.code)
        } else {
            formatter.write_str(&self.line)
        }
    }
}

/// Keeps apart a `null` that was sent and nothing that was sent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A pointer for humans. Without the arguments at hand, a number is taken for a position.
fn dotted(pointer: &str) -> String {
    let mut text = String::new();
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        match segment.parse() {
            Ok(index) => push_index(&mut text, index),
            Err(_) => push_key(&mut text, &segment),
        }
    }
    or_whole(&text)
}

fn push_key(text: &mut String, key: &str) {
    if !text.is_empty() {
        text.push('.');
    }
    if key.contains('.') {
        text.push_str(&quote(&cut(key, SHOWN)));
    } else {
        text.push_str(&plain(key));
    }
}

fn push_index(text: &mut String, index: usize) {
    // Cannot fail: the target is a string.
    let _ = write!(text, "[{index}]");
}

fn or_whole(text: &str) -> String {
    if text.is_empty() {
        "arguments".into()
    } else {
        cut(text, LONGEST)
    }
}

/// A place in the arguments, as the way there from the root.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// The JSON pointer.
    pub(super) fn pointer(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Key(parent, key) => {
                format!(
                    "{}/{}",
                    parent.pointer(),
                    key.replace('~', "~0").replace('/', "~1")
                )
            }
            Path::Index(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }

    /// The way for humans: `items[3].name`.
    pub(super) fn dotted(&self) -> String {
        or_whole(&self.written())
    }

    /// The argument that this place is in.
    pub(super) fn argument(&self) -> Option<&str> {
        match self {
            Path::Root => None,
            Path::Key(Path::Root, key) => Some(key),
            Path::Key(parent, _) | Path::Index(parent, _) => parent.argument(),
        }
    }

    fn written(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Key(parent, key) => {
                let mut text = parent.written();
                push_key(&mut text, key);
                text
            }
            Path::Index(parent, index) => {
                let mut text = parent.written();
                push_index(&mut text, *index);
                text
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_has_a_pointer_and_a_name() {
        let list = Path::Key(&Path::Root, "items");
        let third = Path::Index(&list, 3);
        let name = Path::Key(&third, "a/b~c");
        assert_eq!(name.pointer(), "/items/3/a~1b~0c");
        assert_eq!(name.dotted(), "items[3].\"a/b~c\"");
        assert_eq!(name.argument(), Some("items"));
        assert_eq!(Path::Root.pointer(), "");
        assert_eq!(Path::Root.dotted(), "arguments");
    }

    #[test]
    fn only_what_is_known_is_serialised() {
        let problem = Problem::new("/a/0", "minimum", "too small");
        assert_eq!(problem.to_string(), "a[0]: too small");
        assert_eq!(
            serde_json::to_value(&problem).unwrap(),
            json!({ "path": "/a/0", "code": "minimum" }),
        );
    }

    #[test]
    fn a_problem_survives_the_journey_and_so_does_a_null() {
        let mut problem = Problem::new("/a", "type", "an integer");
        problem.received = Some(Value::Null);
        let json = serde_json::to_value(&problem).unwrap();
        let read: Problem = serde_json::from_value(json).unwrap();
        assert_eq!(read, problem);
        assert_eq!(read.received, Some(Value::Null));
        assert_eq!(read.to_string(), "a: type");
    }
}
