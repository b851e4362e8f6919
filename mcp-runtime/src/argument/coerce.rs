//! Reading values more generously than JSON Schema does, where the schema leaves no doubt.

use serde_json::{Map, Number, Value};

use super::format::exact_integer;
use super::subschema::{accepts, is_required, keywords, property};

/// How deep values are looked at: as deep as the JSON parser nests them.
const DEPTH: usize = 128;

/// Repairs what clients commonly get wrong: `"7"` for an integer, `"true"` for a boolean, a list
/// or an object as JSON text, `null` for an optional property.
///
/// A place is touched only if its schema cannot accept what is there, so a valid value stays.
pub(crate) fn coerce(schema: &Value, arguments: &mut Value) {
    coerce_at(schema, schema, arguments, 0);
}

/// Builds arguments from strings, such as the variables of a resource template.
///
/// A property that accepts a string keeps it. Otherwise it is read as what the property accepts;
/// what cannot be read stays a string, for the validator to report. An integer has one spelling, so
/// that no two URIs name the same resource.
pub(crate) fn from_strings(
    schema: &Value,
    arguments: impl IntoIterator<Item = (String, String)>,
) -> Value {
    let read = |(name, text): (String, String)| {
        let value = property(schema, schema, &name)
            .filter(|place| !accepts(schema, place, "string"))
            .and_then(|place| {
                read(schema, place, &text)
                    .filter(|value| accepts(schema, place, "number") || is_plain(value, &text))
            });
        (name, value.unwrap_or(Value::String(text)))
    };
    Value::Object(arguments.into_iter().map(read).collect())
}

/// Whether an integer is written in the usual way: `1`, not `1.0`, `1e0` or ` 1`.
fn is_plain(value: &Value, text: &str) -> bool {
    let integer = value.as_number().and_then(exact_integer);
    integer.is_none_or(|integer| integer.to_string() == text)
}

/// Turns floats without a fraction into integers, where no precision is in question.
///
/// JSON Schema calls `2.0` an integer; serde refuses to read it as one. Says whether anything
/// changed.
pub(crate) fn integral_floats(value: &mut Value) -> bool {
    match value {
        Value::Number(number) => match integral(number) {
            Some(integer) => {
                *number = integer;
                true
            }
            None => false,
        },
        // `|`, not `||` or `any`: every item has its turn.
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |any, item| integral_floats(item) | any),
        Value::Object(map) => map
            .values_mut()
            .fold(false, |any, item| integral_floats(item) | any),
        _ => false,
    }
}

fn integral(number: &Number) -> Option<Number> {
    let integer = exact_integer(number).filter(|_| number.is_f64())?;
    i64::try_from(integer).ok().map(Number::from)
}

fn coerce_at(root: &Value, place: &Value, value: &mut Value, depth: usize) {
    if depth > DEPTH {
        return;
    }
    if let Value::String(text) = value
        && !accepts(root, place, "string")
        && let Some(read) = read(root, place, text)
    {
        *value = read;
    }
    match value {
        Value::Object(map) => coerce_object(root, place, map, depth),
        Value::Array(items) => coerce_items(root, place, items, depth),
        _ => {}
    }
}

fn coerce_object(root: &Value, place: &Value, map: &mut Map<String, Value>, depth: usize) {
    let keywords = keywords(root, place);
    map.retain(|name, value| {
        let absent = value.is_null()
            && !is_required(&keywords, name)
            && property(root, place, name).is_some_and(|next| !accepts(root, next, "null"));
        !absent
    });
    let other = keywords.get("additionalProperties");
    for (name, value) in map {
        if let Some(next) = property(root, place, name).or(other.copied()) {
            coerce_at(root, next, value, depth + 1);
        }
    }
}

fn coerce_items(root: &Value, place: &Value, items: &mut [Value], depth: usize) {
    let keywords = keywords(root, place);
    let first = keywords
        .get("prefixItems")
        .and_then(|first| first.as_array());
    let rest = keywords.get("items").filter(|items| !items.is_array());
    for (index, item) in items.iter_mut().enumerate() {
        let next = first.and_then(|first| first.get(index)).or(rest.copied());
        if let Some(next) = next {
            coerce_at(root, next, item, depth + 1);
        }
    }
}

/// Reads a text as the one kind of value that its place accepts.
fn read(root: &Value, place: &Value, text: &str) -> Option<Value> {
    const KINDS: [&str; 4] = ["boolean", "number", "array", "object"];
    // A place for numbers accepts integers, too.
    let accepts_kind = |kind: &&str| {
        accepts(root, place, kind) || (*kind == "number" && accepts(root, place, "integer"))
    };
    let mut kinds = KINDS.into_iter().filter(accepts_kind);
    let (kind, None) = (kinds.next()?, kinds.next()) else {
        return None;
    };
    let text = text.trim();
    if kind == "boolean" {
        let known = [("true", true), ("false", false)];
        let (_, value) = known
            .into_iter()
            .find(|(name, _)| text.eq_ignore_ascii_case(name))?;
        return Some(Value::Bool(value));
    }
    let mut value = serde_json::from_str(text).ok()?;
    let fits = match &value {
        Value::Number(number) => {
            kind == "number" && (accepts(root, place, "number") || exact_integer(number).is_some())
        }
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
        _ => false,
    };
    if kind == "number" && !accepts(root, place, "number") {
        integral_floats(&mut value);
    }
    fits.then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::validate::Validator;
    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "count": { "type": "integer", "format": "int64" },
                "maybe": { "type": ["integer", "null"] },
                "ratio": { "type": "number" },
                "sure": { "type": "boolean" },
                "tags": { "type": "array", "items": { "type": "integer" } },
                "place": { "$ref": "#/$defs/place" },
                "name": { "type": "string" },
                "id": { "anyOf": [{ "type": "integer" }, { "type": "string" }] },
                "either": { "anyOf": [{ "type": "integer" }, { "type": "boolean" }] },
                "must": { "type": "integer" },
                "free": true,
            },
            "required": ["must"],
            "additionalProperties": false,
            "$defs": { "place": {
                "type": "object",
                "properties": { "zip": { "type": "integer" } },
            } },
        })
    }

    fn coerced(mut arguments: Value) -> Value {
        coerce(&schema(), &mut arguments);
        arguments
    }

    #[test]
    fn an_integer_in_a_uri_has_one_spelling() {
        let schema =
            json!({ "properties": { "id": { "type": "integer" }, "x": { "type": "number" } } });
        let read = |name: &str, text: &str| {
            from_strings(&schema, [(name.to_owned(), text.to_owned())])[name].clone()
        };
        assert_eq!(read("id", "1"), json!(1));
        assert_eq!(read("id", "-7"), json!(-7));
        for alias in ["1.0", "1e0", " 1", "1 ", "+1", "01", "-0"] {
            assert_eq!(read("id", alias), json!(alias));
        }
        assert_eq!(read("x", "1.0"), json!(1.0));
    }

    #[test]
    fn text_becomes_what_the_place_asks_for() {
        assert_eq!(coerced(json!({ "count": "7" })), json!({ "count": 7 }));
        assert_eq!(coerced(json!({ "count": " -7 " })), json!({ "count": -7 }));
        assert_eq!(coerced(json!({ "count": "2.0" })), json!({ "count": 2 }));
        assert_eq!(coerced(json!({ "maybe": "7" })), json!({ "maybe": 7 }));
        assert_eq!(coerced(json!({ "ratio": "0.5" })), json!({ "ratio": 0.5 }));
        assert_eq!(coerced(json!({ "sure": "True" })), json!({ "sure": true }));
        assert_eq!(
            coerced(json!({ "tags": "[1, \"2\"]" })),
            json!({ "tags": [1, 2] })
        );
        assert_eq!(
            coerced(json!({ "place": "{\"zip\":\"5\"}" })),
            json!({ "place": { "zip": 5 } })
        );
    }

    #[test]
    fn what_is_inside_lists_and_objects_is_read_too() {
        assert_eq!(
            coerced(json!({ "tags": ["1", 2, "x"] })),
            json!({ "tags": [1, 2, "x"] })
        );
        assert_eq!(
            coerced(json!({ "place": { "zip": "5" } })),
            json!({ "place": { "zip": 5 } })
        );
    }

    #[test]
    fn null_for_an_optional_property_is_leaving_it_out() {
        assert_eq!(
            coerced(json!({ "count": null, "place": { "zip": null } })),
            json!({ "place": {} })
        );
    }

    #[test]
    fn null_stays_where_it_is_valid_or_the_property_is_required() {
        let kept = json!({ "maybe": null, "must": null, "free": null, "unknown": null });
        assert_eq!(coerced(kept.clone()), kept);
    }

    #[test]
    fn what_is_doubtful_or_no_number_stays() {
        for kept in [
            json!({ "count": "seven" }),
            json!({ "count": "2.5" }),
            json!({ "count": "" }),
            json!({ "count": "\"7\"" }),
            json!({ "name": "7" }),
            json!({ "id": "7" }),
            json!({ "either": "7" }),
            json!({ "free": "7" }),
            json!({ "sure": "yes" }),
            json!({ "tags": "1" }),
            json!({ "unknown": "7" }),
            json!(["7"]),
        ] {
            assert_eq!(coerced(kept.clone()), kept);
        }
    }

    #[test]
    fn strings_are_read_by_the_schema() {
        let strings = [
            ("count", "7"),
            ("name", "7"),
            ("id", "7"),
            ("sure", "x"),
            ("other", "7"),
        ];
        let strings = strings.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(
            from_strings(&schema(), strings),
            json!({ "count": 7, "name": "7", "id": "7", "sure": "x", "other": "7" }),
        );
    }

    #[test]
    fn whole_floats_become_integers_and_others_stay() {
        let mut value = json!({ "a": [2.0, 2.5, -0.0], "b": { "c": 1e15 }, "d": 1e300, "e": 7 });
        assert!(integral_floats(&mut value));
        assert_eq!(
            value,
            json!({ "a": [2, 2.5, 0], "b": { "c": 1_000_000_000_000_000_i64 }, "d": 1e300, "e": 7 }),
        );
        assert!(!integral_floats(&mut value));
    }

    #[test]
    fn text_within_text_within_text_comes_to_an_end() {
        let endless = json!({ "$ref": "#/$defs/list",
            "$defs": { "list": { "type": "array", "items": { "$ref": "#/$defs/list" } } } });
        let mut value = (0..10).fold(json!([]), |inner, _| json!([inner.to_string()]));
        coerce(&endless, &mut value);
        let depth = std::iter::successors(Some(&value), |value| value.get(0)).count();
        assert_eq!(depth, 11);
    }

    fn some_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-50_i32..50).prop_map(|half| json!(f64::from(half) / 2.0)),
            "[0-9]{1,3}|true|null|\\[1,\"2\"\\]|\\{\"zip\":\"1\"\\}|.{0,5}".prop_map(Value::from),
        ];
        let names = "count|maybe|ratio|sure|tags|place|name|id|either|must|free|zip|other";
        leaf.prop_recursive(3, 24, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(names, inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn coercing_twice_changes_nothing_more(value in some_value()) {
            let once = coerced(value);
            prop_assert_eq!(coerced(once.clone()), once);
        }

        #[test]
        fn a_valid_value_stays(value in some_value()) {
            let schema = schema();
            let validator = Validator::new(std::sync::Arc::new(schema.clone())).unwrap();
            if validator.check(&value).is_ok() {
                prop_assert_eq!(coerced(value.clone()), value.clone());
            }
            // Also place by place, where valid values are far more likely.
            for (name, inner) in value.as_object().into_iter().flatten() {
                let arguments = json!({ "must": 1, name: inner });
                if validator.check(&arguments).is_ok() {
                    prop_assert_eq!(coerced(arguments.clone()), arguments);
                }
            }
        }

        #[test]
        fn the_text_of_an_integer_is_as_valid_as_the_integer(
            number in prop_oneof![any::<i128>(), -300_i128..300],
            format in "u?int(8|16|32|64)",
        ) {
            let schema = json!({
                "type": "object",
                "properties": { "n": { "type": "integer", "format": format } },
            });
            let validator = Validator::new(std::sync::Arc::new(schema.clone())).unwrap();
            let direct: Value = serde_json::from_str(&format!("{{\"n\":{number}}}")).unwrap();
            let read = from_strings(&schema, [("n".to_owned(), number.to_string())]);
            prop_assert_eq!(validator.check(&read).is_ok(), validator.check(&direct).is_ok());
        }
    }
}
