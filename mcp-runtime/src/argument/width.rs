//! The widths of numbers. schemars writes them as `format`, which JSON Schema does not know and some clients complain
//! about; here they become bounds, which everybody knows.

use serde_json::{Map, Number, Value};

/// Keywords whose values are data, not schemas.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

/// Writes the bounds of integers up to 32 bits out, and drops the formats of floating-point numbers.
///
/// The formats of 64 bits stay for [`advertised`] to drop: they are checked, but their bounds are longer than anything they could tell.
pub(crate) fn bounded(schema: &mut Map<String, Value>) {
    let bounds: Option<(i64, i64)> = match schema.get("format").and_then(Value::as_str) {
        Some("int8") => Some((i8::MIN.into(), i8::MAX.into())),
        Some("uint8") => Some((0, u8::MAX.into())),
        Some("int16") => Some((i16::MIN.into(), i16::MAX.into())),
        Some("uint16") => Some((0, u16::MAX.into())),
        Some("int32") => Some((i32::MIN.into(), i32::MAX.into())),
        Some("uint32") => Some((0, u32::MAX.into())),
        Some("float" | "double") => {
            schema.shift_remove("format");
            None
        }
        _ => None,
    };
    if let Some((least, greatest)) = bounds {
        schema.shift_remove("format");
        let mut bound = |keyword: &str, other: &str, value: i64| {
            if !schema.contains_key(other) {
                schema.entry(keyword).or_insert(Number::from(value).into());
            }
        };
        bound("minimum", "exclusiveMinimum", least);
        bound("maximum", "exclusiveMaximum", greatest);
    }
    each_subschema(schema, bounded);
}

/// The schema as clients see it: without the formats of 64-bit integers.
pub(crate) fn advertised(mut schema: Map<String, Value>) -> Map<String, Value> {
    fn drop_width(schema: &mut Map<String, Value>) {
        let format = schema.get("format").and_then(Value::as_str);
        if matches!(
            format,
            Some("int" | "uint" | "int64" | "uint64" | "int128" | "uint128")
        ) {
            schema.shift_remove("format");
        }
        each_subschema(schema, drop_width);
    }
    drop_width(&mut schema);
    schema
}

fn each_subschema(schema: &mut Map<String, Value>, change: fn(&mut Map<String, Value>)) {
    let values = schema
        .iter_mut()
        .filter(|(keyword, _)| !DATA.contains(&keyword.as_str()));
    for (keyword, value) in values {
        match value {
            // The values of these are schemas by name; a property may well be called `format`.
            Value::Object(named)
                if matches!(
                    keyword.as_str(),
                    "properties" | "patternProperties" | "$defs"
                ) =>
            {
                named
                    .values_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(change);
            }
            Value::Object(schema) => change(schema),
            Value::Array(schemas) => schemas
                .iter_mut()
                .filter_map(Value::as_object_mut)
                .for_each(change),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(schema: &Value) -> Map<String, Value> {
        schema.as_object().cloned().unwrap()
    }

    #[test]
    fn widths_become_bounds_wherever_they_stand() {
        let mut schema = map(&json!({
            "properties": {
                "format": { "type": "integer", "format": "uint8", "minimum": 0 },
                "list": { "items": { "type": "integer", "format": "int16", "maximum": 7 } },
                "either": { "anyOf": [{ "type": "number", "format": "double" }, { "type": "null" }] },
            },
        }));
        bounded(&mut schema);
        let expected = json!({
            "properties": {
                "format": { "type": "integer", "minimum": 0, "maximum": 255 },
                "list": { "items": { "type": "integer", "minimum": -32768, "maximum": 7 } },
                "either": { "anyOf": [{ "type": "number" }, { "type": "null" }] },
            },
        });
        assert_eq!(Value::Object(schema), expected);
    }

    #[test]
    fn data_is_left_alone() {
        let schema =
            map(&json!({ "default": { "format": "uint8" }, "examples": [{ "format": "int64" }] }));
        let mut changed = schema.clone();
        bounded(&mut changed);
        assert_eq!(advertised(changed), schema);
    }

    #[test]
    fn widths_of_64_bits_are_checked_but_not_advertised() {
        let schema = map(
            &json!({ "properties": { "id": { "type": "integer", "format": "uint64", "minimum": 0 } } }),
        );
        let mut checked = schema.clone();
        bounded(&mut checked);
        assert_eq!(checked, schema);
        let expected = json!({ "properties": { "id": { "type": "integer", "minimum": 0 } } });
        assert_eq!(Value::Object(advertised(checked)), expected);
    }
}
