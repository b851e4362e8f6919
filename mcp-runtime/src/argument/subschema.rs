//! Finding one's way in a JSON Schema: references, subschemas and what a place accepts.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::survey::address;

/// The keywords that judge one value by themselves, without any subschema.
pub(super) const ASSERTIONS: [&str; 17] = [
    "type",
    "const",
    "enum",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// How many references, and how many steps of `allOf`, are followed at one place.
///
/// A schema that needs more is refused when it is compiled.
pub(super) const IN_PLACE_DEPTH: usize = 16;

/// Which values a subschema applies to, seen from the schema that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot<'a> {
    /// The very same value.
    Here,
    /// One named property.
    Property(&'a str),
    /// Any property, by pattern or because nothing else names it.
    AnyProperty,
    /// One position of a list.
    Item(usize),
    /// Any position of a list.
    AnyItem,
    /// Nothing, until something refers to it.
    Defined,
}

/// Every direct subschema, `$ref` excepted.
pub(super) fn subschemas(schema: &Value) -> Vec<(Slot<'_>, &Value)> {
    let mut found = Vec::new();
    let Value::Object(keywords) = schema else {
        return found;
    };
    for (keyword, value) in keywords {
        match keyword.as_str() {
            "allOf" | "anyOf" | "oneOf" => extend_list(&mut found, value, |_| Slot::Here),
            "not" | "if" | "then" | "else" => extend_one(&mut found, value, Slot::Here),
            "dependentSchemas" | "dependencies" => extend_map(&mut found, value, |_| Slot::Here),
            "properties" => extend_map(&mut found, value, Slot::Property),
            "patternProperties" => extend_map(&mut found, value, |_| Slot::AnyProperty),
            "additionalProperties" | "unevaluatedProperties" | "propertyNames" => {
                extend_one(&mut found, value, Slot::AnyProperty);
            }
            "prefixItems" => extend_list(&mut found, value, Slot::Item),
            "items" if value.is_array() => extend_list(&mut found, value, Slot::Item),
            "items" | "additionalItems" | "contains" | "unevaluatedItems" => {
                extend_one(&mut found, value, Slot::AnyItem);
            }
            "$defs" | "definitions" => extend_map(&mut found, value, |_| Slot::Defined),
            "contentSchema" => extend_one(&mut found, value, Slot::Defined),
            _ => {}
        }
    }
    found
}

fn extend_one<'a>(found: &mut Vec<(Slot<'a>, &'a Value)>, value: &'a Value, slot: Slot<'a>) {
    // `dependencies` of draft 7 may hold lists of names, which are no schemas.
    if value.is_object() || value.is_boolean() {
        found.push((slot, value));
    }
}

fn extend_list<'a>(
    found: &mut Vec<(Slot<'a>, &'a Value)>,
    value: &'a Value,
    slot: impl Fn(usize) -> Slot<'a>,
) {
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        extend_one(found, item, slot(index));
    }
}

fn extend_map<'a>(
    found: &mut Vec<(Slot<'a>, &'a Value)>,
    value: &'a Value,
    slot: impl Fn(&'a str) -> Slot<'a>,
) {
    for (name, item) in value.as_object().into_iter().flatten() {
        extend_one(found, item, slot(name));
    }
}

/// The schema that `schema` refers to, if it does and the reference is a pointer into `root`.
pub(super) fn reference<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    root.pointer(&percent_decode_str(pointer).decode_utf8().ok()?)
}

/// The subschemas under one list keyword such as `anyOf`.
pub(super) fn branches<'a>(schema: &'a Value, keyword: &str) -> &'a [Value] {
    schema
        .get(keyword)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The keywords in force at one place, by name.
pub(super) type Keywords<'a> = BTreeMap<&'a str, &'a Value>;

/// Collects the keywords in force at `schema`: its own, and those that it takes over from
/// `$ref`, `allOf` and the one alternative to `null`. The nearest wins.
pub(super) fn keywords<'a>(root: &'a Value, schema: &'a Value) -> Keywords<'a> {
    let mut found = Keywords::new();
    collect(root, schema, 0, &mut found);
    found
}

fn collect<'a>(root: &'a Value, schema: &'a Value, depth: usize, found: &mut Keywords<'a>) {
    let Value::Object(own) = schema else { return };
    if depth > IN_PLACE_DEPTH {
        return;
    }
    for (keyword, value) in own {
        found.entry(keyword).or_insert(value);
    }
    if let Some(target) = reference(root, schema) {
        collect(root, target, depth + 1, found);
    }
    for branch in branches(schema, "allOf") {
        collect(root, branch, depth + 1, found);
    }
    if let Some(branch) = alternative_to_null(schema) {
        collect(root, branch, depth + 1, found);
    }
}

/// The `X` of `anyOf: [X, null]`, which is how an optional value is often written.
fn alternative_to_null(schema: &Value) -> Option<&Value> {
    let choices = match branches(schema, "anyOf") {
        [] => branches(schema, "oneOf"),
        choices => choices,
    };
    let mut others = choices.iter().filter(|branch| !is_null_schema(branch));
    let only = others.next()?;
    others.next().is_none().then_some(only)
}

pub(super) fn is_null_schema(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
        || schema.get("const").is_some_and(Value::is_null)
}

/// The subschema of one named property in force at `schema`.
pub(super) fn property<'a>(root: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    find_property(root, schema, name, 0)
}

fn find_property<'a>(
    root: &'a Value,
    schema: &'a Value,
    name: &str,
    depth: usize,
) -> Option<&'a Value> {
    if depth > IN_PLACE_DEPTH {
        return None;
    }
    if let Some(found) = schema.get("properties").and_then(|all| all.get(name)) {
        return Some(found);
    }
    reference(root, schema)
        .into_iter()
        .chain(branches(schema, "allOf"))
        .chain(alternative_to_null(schema))
        .find_map(|next| find_property(root, next, name, depth + 1))
}

/// The names of all properties that `schema` describes.
pub(super) fn property_names<'a>(root: &'a Value, schema: &'a Value) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    collect_names(root, schema, 0, &mut names);
    names
}

fn collect_names<'a>(
    root: &'a Value,
    schema: &'a Value,
    depth: usize,
    names: &mut BTreeSet<&'a str>,
) {
    if depth > IN_PLACE_DEPTH {
        return;
    }
    let own = schema.get("properties").and_then(Value::as_object);
    names.extend(own.into_iter().flat_map(Map::keys).map(String::as_str));
    reference(root, schema)
        .into_iter()
        .chain(branches(schema, "allOf"))
        .chain(alternative_to_null(schema))
        .for_each(|next| collect_names(root, next, depth + 1, names));
}

/// Whether `schema` asks for a property of this name.
pub(super) fn is_required(keywords: &Keywords<'_>, name: &str) -> bool {
    let names = keywords.get("required").and_then(|names| names.as_array());
    names.is_some_and(|names| names.iter().any(|one| one == name))
}

/// What a value is called in the keyword `type`; a number without a fraction is an `integer`.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() != 0.0 => "number",
            _ => "integer",
        },
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether some value of this kind can be valid at `schema`, as far as types tell.
///
/// The answer `false` is certain; `true` is given whenever there is doubt.
pub(super) fn accepts(root: &Value, schema: &Value, kind: &str) -> bool {
    accepts_at(root, schema, kind, 0)
}

fn accepts_at(root: &Value, schema: &Value, kind: &str, depth: usize) -> bool {
    let own = match schema {
        Value::Bool(any) => return *any,
        Value::Object(own) if depth <= IN_PLACE_DEPTH => own,
        _ => return true,
    };
    let next = |branch: &Value| accepts_at(root, branch, kind, depth + 1);
    let some_branch = |keyword| match branches(schema, keyword) {
        [] => true,
        choices => choices.iter().any(next),
    };
    allows_kind(own, kind)
        && reference(root, schema).is_none_or(next)
        && branches(schema, "allOf").iter().all(next)
        && some_branch("anyOf")
        && some_branch("oneOf")
}

fn allows_kind(own: &Map<String, Value>, kind: &str) -> bool {
    let is_kind = |name: &Value| {
        name.as_str()
            .is_some_and(|name| name == kind || (name == "number" && kind == "integer"))
    };
    let of_kind = |value: &Value| kind_of(value) == kind;
    let by_type = match own.get("type") {
        Some(Value::Array(names)) => names.iter().any(is_kind),
        Some(name) => is_kind(name),
        None => true,
    };
    let by_value = match (own.get("const"), own.get("enum")) {
        (Some(value), _) => of_kind(value),
        (None, Some(Value::Array(values))) => values.iter().any(of_kind),
        _ => true,
    };
    by_type && by_value
}

/// Whether values at this place are never to be repeated: `writeOnly: true` or the format
/// `password`, on any of the subschemas that apply here.
pub(super) fn is_secret(root: &Value, schema: &Value) -> bool {
    is_secret_at(root, schema, 0)
}

fn is_secret_at(root: &Value, schema: &Value, depth: usize) -> bool {
    if depth > IN_PLACE_DEPTH {
        return false;
    }
    let next = |next| is_secret_at(root, next, depth + 1);
    is_marked_secret(schema)
        || reference(root, schema).is_some_and(next)
        || subschemas(schema)
            .into_iter()
            .filter(|(slot, _)| *slot == Slot::Here)
            .any(|(_, branch)| next(branch))
}

/// Whether `schema` itself says that its values are secret.
pub(super) fn is_marked_secret(schema: &Value) -> bool {
    schema.get("writeOnly") == Some(&Value::Bool(true))
        || schema.get("format").and_then(Value::as_str) == Some("password")
}

/// Whether a value at this place can be secret, or have a secret anywhere in it.
pub(super) fn holds_secret(root: &Value, schema: &Value) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if !seen.insert(address(schema)) {
            continue;
        }
        if is_marked_secret(schema) {
            return true;
        }
        // A definition counts where something refers to it.
        let parts = subschemas(schema).into_iter();
        open.extend(parts.filter_map(|(slot, part)| (slot != Slot::Defined).then_some(part)));
        open.extend(reference(root, schema));
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_is_a_pointer_into_the_root() {
        let root = json!({ "$defs": { "a b": { "type": "string" } }, "$ref": "#/$defs/a%20b" });
        assert_eq!(reference(&root, &root), Some(&json!({ "type": "string" })));
        let own = json!({ "$ref": "#" });
        assert_eq!(reference(&root, &own), Some(&root));
        assert_eq!(reference(&root, &json!({ "$ref": "other.json" })), None);
    }

    #[test]
    fn the_nearest_keyword_wins() {
        let root = json!({ "$defs": { "n": { "type": "integer", "minimum": 0 } } });
        let schema = json!({ "$ref": "#/$defs/n", "minimum": 5 });
        let found = keywords(&root, &schema);
        assert_eq!(found["minimum"], &json!(5));
        assert_eq!(found["type"], &json!("integer"));
    }

    #[test]
    fn an_optional_value_has_the_keywords_of_the_value() {
        let schema = json!({ "anyOf": [{ "minLength": 3 }, { "type": "null" }] });
        assert_eq!(keywords(&schema, &schema)["minLength"], &json!(3));
    }

    #[test]
    fn a_reference_to_itself_comes_to_an_end() {
        let root = json!({ "$defs": { "a": { "$ref": "#/$defs/a" } }, "$ref": "#/$defs/a" });
        assert!(keywords(&root, &root).contains_key("$ref"));
        assert!(accepts(&root, &root, "string"));
        assert!(!is_secret(&root, &root));
        assert_eq!(property(&root, &root, "x"), None);
    }

    #[test]
    fn what_a_place_accepts_is_read_from_types_and_values() {
        let root = json!({
            "$defs": { "id": { "anyOf": [{ "type": "integer" }, { "enum": ["all"] }] } }
        });
        let schema = json!({ "$ref": "#/$defs/id" });
        assert!(accepts(&root, &schema, "integer"));
        assert!(accepts(&root, &schema, "string"));
        assert!(!accepts(&root, &schema, "number"));
        assert!(!accepts(&root, &schema, "object"));
        assert!(accepts(&root, &json!({ "type": "number" }), "integer"));
        assert!(!accepts(
            &root,
            &json!({ "type": ["integer", "null"] }),
            "string"
        ));
    }

    #[test]
    fn a_secret_is_found_behind_references_and_alternatives() {
        let root = json!({ "$defs": { "key": { "type": "string", "writeOnly": true } } });
        let optional = json!({ "anyOf": [{ "$ref": "#/$defs/key" }, { "type": "null" }] });
        assert!(is_secret(&root, &optional));
        assert!(is_secret(
            &root,
            &json!({ "type": "string", "format": "password" })
        ));
        assert!(!is_secret(&root, &json!({ "type": "string" })));
    }
}
