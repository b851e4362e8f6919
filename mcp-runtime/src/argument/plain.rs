//! Schemas that are certainly valid: most of those that macros and derives write.
//!
//! To compile a schema, and to check it against the schema of schemas, takes longer than everything else at the start of a
//! server. Where nothing can come of it, it waits until a tool is called.

use serde_json::Value;

/// The types of JSON Schema.
const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
];

/// Whether a schema has only keywords that cannot be wrong in themselves, with values of the right form.
///
/// What refers to something or has patterns in it is not plain, whatever it holds.
pub(super) fn is_plain(schema: &Value) -> bool {
    match schema {
        Value::Bool(_) => true,
        Value::Object(keywords) => keywords.iter().all(|(key, value)| is_right(key, value)),
        _ => false,
    }
}

fn is_right(key: &str, value: &Value) -> bool {
    match key {
        "type" => value.as_str().is_some_and(|name| TYPES.contains(&name)),
        // A format that is not known is not asserted.
        "title" | "description" | "format" => value.is_string(),
        "default" | "const" => true,
        "enum" => value.as_array().is_some_and(|values| !values.is_empty()),
        "properties" => value
            .as_object()
            .is_some_and(|properties| properties.values().all(is_plain)),
        "required" => value.as_array().is_some_and(|names| are_names(names)),
        "additionalProperties" | "items" => is_plain(value),
        "anyOf" | "oneOf" | "allOf" => value
            .as_array()
            .is_some_and(|schemas| !schemas.is_empty() && schemas.iter().all(is_plain)),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        "minLength" | "maxLength" | "minItems" | "maxItems" => value.is_u64(),
        "uniqueItems" => value.is_boolean(),
        _ => false,
    }
}

/// Whether these are strings, each of them once.
fn are_names(names: &[Value]) -> bool {
    let mut rest = names;
    while let Some((first, others)) = rest.split_first() {
        if !first.is_string() || others.contains(first) {
            return false;
        }
        rest = others;
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_macros_write_for_simple_arguments_is_plain() {
        assert!(is_plain(&json!({
            "type": "object",
            "properties": {
                "item": { "type": "string", "description": "An item.", "minLength": 1 },
                "count": { "type": "integer", "format": "uint32", "minimum": 0, "maximum": 4_294_967_295_u32, "default": 1 },
                "colors": { "type": "array", "items": { "enum": ["red", "blue"] } },
                "any": { "anyOf": [true, { "type": "null" }] },
            },
            "required": ["item"],
            "additionalProperties": false,
        })));
    }

    #[test]
    fn what_may_be_wrong_in_itself_is_not_plain() {
        for schema in [
            json!(null),
            json!({ "$ref": "#" }),
            json!({ "pattern": "(" }),
            json!({ "format": 7 }),
            json!({ "type": "float" }),
            json!({ "type": ["string", "string"] }),
            json!({ "properties": { "a": { "minLength": -1 } } }),
            json!({ "items": [{ "type": "string" }] }),
            json!({ "required": ["a", "a"] }),
            json!({ "required": [1] }),
            json!({ "minimum": "0" }),
            json!({ "anyOf": [] }),
            json!({ "unknown": 1 }),
        ] {
            assert!(!is_plain(&schema), "{schema}");
        }
    }
}
