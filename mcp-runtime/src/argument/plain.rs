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

/// How deeply a small schema nests its subschemas, and how many it has.
const SMALL: (usize, usize) = (16, 256);

/// Whether a plain schema has few subschemas, of which each value meets one: then it is cheap to check by, whatever is sent.
pub(super) fn is_small(schema: &Value) -> bool {
    let (depth, mut room) = SMALL;
    fits(schema, depth, &mut room)
}

fn fits(schema: &Value, depth: usize, room: &mut usize) -> bool {
    let Some(left) = room.checked_sub(1).filter(|_| depth > 0) else {
        return false;
    };
    *room = left;
    let keywords = schema.as_object().into_iter().flatten();
    keywords.into_iter().all(|(key, value)| match key.as_str() {
        "anyOf" | "oneOf" | "allOf" => false,
        "additionalProperties" | "items" => fits(value, depth - 1, room),
        "properties" => {
            let mut properties = value.as_object().into_iter().flatten();
            properties.all(|(_, value)| fits(value, depth - 1, room))
        }
        _ => true,
    })
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
    #[test]
    fn a_schema_is_small_if_no_value_meets_many_subschemas() {
        let nested = |depth| (1..depth).fold(json!({}), |inner, _| json!({ "items": inner }));
        assert!(is_small(&nested(16)));
        assert!(!is_small(&nested(17)));
        let wide = |count: usize| {
            let all = (1..count).map(|i| (i.to_string(), json!({ "type": "null" })));
            json!({ "properties": all.collect::<serde_json::Map<_, _>>() })
        };
        assert!(is_small(&wide(256)));
        assert!(!is_small(&wide(257)));
        assert!(!is_small(
            &json!({ "properties": { "a": { "anyOf": [true] } } })
        ));
    }
}
