//! How values and lists of values are put into a sentence.

use std::fmt::{Display, Write};

use serde_json::Value;

/// How many characters of a value are shown.
pub(super) const SHOWN: usize = 60;

/// `text`, cut at `limit` characters with `…` in the place of the rest.
pub(super) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A value as the model sees it: scalars as JSON, of lists and objects only the size.
pub(super) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => quote(&cut(text, SHOWN)),
        Value::Array(items) if items.is_empty() => "[]".into(),
        Value::Array(items) => format!("a list of {}", count(items.len() as u64, "item")),
        Value::Object(map) if map.is_empty() => "{}".into(),
        Value::Object(map) if map.len() == 1 => "an object with 1 property".into(),
        Value::Object(map) => format!("an object with {} properties", map.len()),
        scalar => scalar.to_string(),
    }
}

/// A value as it stands in a list of alternatives: strings without quotes, if that is clear.
pub(super) fn name(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        value => show(value),
    }
}

/// A name as it stands in a sentence: bare, if that is clear.
pub(super) fn plain(text: &str) -> String {
    let bare = |letter: char| letter.is_alphanumeric() || "-_./:+@#$ ".contains(letter);
    let cut = cut(text, SHOWN);
    if text.is_empty() || text.trim() != text || !text.chars().all(bare) {
        quote(&cut)
    } else {
        cut
    }
}

/// `text` in quotes, with everything escaped that could disturb the lines around it.
pub(super) fn quote(text: &str) -> String {
    escape(&Value::from(text).to_string())
}

/// `text` without control characters, and without those that turn the direction of writing.
///
/// They are escaped as JSON does, so JSON remains what it was.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter.is_control() || turns {
            // Cannot fail: the target is a string.
            let _ = write!(escaped, "\\u{:04x}", u32::from(letter));
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

/// `1 item`, `2 items`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `a`, `a or b`, `a, b or c`; of many only the first.
pub(super) fn any_of<T: Display>(items: &[T], limit: usize) -> String {
    list(items, "or", limit)
}

/// `a`, `a and b`, `a, b and c`; of many only the first.
pub(super) fn all_of<T: Display>(items: &[T], limit: usize) -> String {
    list(items, "and", limit)
}

fn list<T: Display>(items: &[T], conjunction: &str, limit: usize) -> String {
    let mut text = String::new();
    for (index, item) in items.iter().take(limit).enumerate() {
        let last = index + 1 == items.len();
        let before = match index {
            0 => String::new(),
            _ if last => format!(" {conjunction} "),
            _ => ", ".into(),
        };
        let _ = write!(text, "{before}{item}");
    }
    if items.len() > limit {
        let _ = write!(text, ", … ({} more)", items.len() - limit);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äöü…");
        assert_eq!(
            show(&json!("x".repeat(100))),
            format!("\"{}…\"", "x".repeat(60))
        );
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(
            show(&json!("a\n\u{0}\u{7f}\u{202e}\"")),
            r#""a\n\u0000\u007f\u202e\"""#
        );
    }

    #[test]
    fn of_lists_and_objects_only_the_size_is_shown() {
        assert_eq!(show(&json!([])), "[]");
        assert_eq!(show(&json!([1])), "a list of 1 item");
        assert_eq!(show(&json!({})), "{}");
        assert_eq!(show(&json!({ "a": 1 })), "an object with 1 property");
        assert_eq!(
            show(&json!({ "a": 1, "b": 2 })),
            "an object with 2 properties"
        );
        assert_eq!(show(&json!(null)), "null");
    }

    #[test]
    fn names_are_bare_when_that_is_clear() {
        assert_eq!(name(&json!("dark red")), "dark red");
        assert_eq!(name(&json!("a, b")), "\"a, b\"");
        assert_eq!(name(&json!("")), "\"\"");
        assert_eq!(name(&json!(5)), "5");
    }

    #[test]
    fn lists_read_like_sentences() {
        assert_eq!(any_of(&["a"], 3), "a");
        assert_eq!(any_of(&["a", "b"], 3), "a or b");
        assert_eq!(all_of(&["a", "b", "c"], 3), "a, b and c");
        assert_eq!(any_of(&["a", "b", "c", "d"], 3), "a, b, c, … (1 more)");
    }
}
