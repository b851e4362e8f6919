//! Schemas that list their values.

use serde_json::Value;

use super::expected::choices;

/// The values of a schema as clients write them, if it lists them all: those of an enum, and of `bool`.
pub(crate) fn enumerated(root: &Value, schema: &Value) -> Option<Vec<String>> {
    let Some(values) = choices(root, schema) else {
        let kind = schema.get("type").and_then(Value::as_str);
        return (kind == Some("boolean")).then(|| vec!["true".to_owned(), "false".to_owned()]);
    };
    let values = values.into_iter().filter(|value| !value.is_null());
    values.map(text).collect()
}

/// A value as text, if it is one; a list or an object is none.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_listed_values_are_known() {
        let listed = |schema: Value| enumerated(&schema, &schema);
        let of = |texts: &[&str]| Some(texts.iter().copied().map(str::to_owned).collect());
        assert_eq!(listed(json!({ "enum": ["a", "b", null] })), of(&["a", "b"]));
        assert_eq!(
            listed(json!({ "oneOf": [{ "const": "a", "description": "A." }, { "enum": [1] }] })),
            of(&["a", "1"])
        );
        assert_eq!(listed(json!({ "type": "boolean" })), of(&["true", "false"]));
        assert_eq!(listed(json!({ "type": "string" })), None);
        assert_eq!(listed(json!({ "enum": ["a", ["b"]] })), None);
        assert_eq!(
            listed(json!({ "anyOf": [{ "enum": ["a"] }, { "type": "string" }] })),
            None
        );
    }
}
