//! What a schema asks for, in plain English.

use serde_json::{Map, Value};

use super::format::{integer_range, string_phrase};
use super::subschema::{
    ASSERTIONS, IN_PLACE_DEPTH, Keywords, branches, is_null_schema, keywords, reference,
};
use super::words::{all_of, any_of, count, cut, escape, name, show};

/// How many characters the description of one place may have.
const LONGEST: usize = 240;

/// How many values or alternatives are listed.
const LISTED: usize = 10;

/// Describes what is accepted at `schema`: `an integer from 1 to 100`.
pub(super) fn describe(root: &Value, schema: &Value) -> String {
    cut(&phrase(root, schema, 0), LONGEST)
}

/// The values among which `schema` lets choose, if it lists them.
pub(super) fn choices<'a>(root: &'a Value, schema: &'a Value) -> Option<Vec<&'a Value>> {
    choices_at(root, schema, 0)
}

/// The rules at `schema` for programs: the assertions alone, with alternatives as they are listed.
pub(super) fn rules(root: &Value, schema: &Value) -> Option<Value> {
    let mut rules: Map<_, _> = keywords(root, schema)
        .into_iter()
        .filter(|(keyword, _)| ASSERTIONS.contains(keyword))
        .map(|(keyword, value)| (keyword.to_owned(), value.clone()))
        .collect();
    if !rules.contains_key("const")
        && !rules.contains_key("enum")
        && let Some(values) = choices(root, schema)
    {
        rules.insert("enum".into(), values.into_iter().cloned().collect());
    }
    if rules.is_empty() {
        None
    } else {
        short(Value::Object(rules))
    }
}

/// A part of a schema, unless it is too long to be worth sending along.
pub(super) fn short(rules: Value) -> Option<Value> {
    const LONGEST: usize = 1024;
    Some(rules).filter(|rules| rules.to_string().len() <= LONGEST)
}

/// Describes a choice among listed values.
pub(super) fn one_of(values: &[&Value]) -> String {
    let real: Vec<_> = values.iter().filter(|value| !value.is_null()).collect();
    match real.as_slice() {
        [] => "null".into(),
        [only] => format!("exactly {}", show(only)),
        _ => {
            let names: Vec<_> = real.into_iter().map(|value| name(value)).collect();
            format!("one of {}", any_of(&names, LISTED))
        }
    }
}

fn choices_at<'a>(root: &'a Value, schema: &'a Value, depth: usize) -> Option<Vec<&'a Value>> {
    if depth > IN_PLACE_DEPTH {
        return None;
    }
    if let Some(value) = schema.get("const") {
        return Some(vec![value]);
    }
    if let Some(Value::Array(values)) = schema.get("enum") {
        return Some(values.iter().collect());
    }
    for keyword in ["oneOf", "anyOf"] {
        let mut listed = Vec::new();
        for branch in branches(schema, keyword) {
            if !is_null_schema(branch) {
                listed.extend(choices_at(root, branch, depth + 1)?);
            }
        }
        if !listed.is_empty() {
            return Some(listed);
        }
    }
    let next = reference(root, schema)
        .into_iter()
        .chain(branches(schema, "allOf"));
    next.into_iter()
        .find_map(|next| choices_at(root, next, depth + 1))
}

fn phrase(root: &Value, schema: &Value, depth: usize) -> String {
    if schema == &Value::Bool(false) {
        return "nothing".into();
    }
    if let Some(values) = choices(root, schema) {
        return one_of(&values);
    }
    let keywords = keywords(root, schema);
    let mut kinds = kinds(&keywords);
    let text = match kinds.len() {
        0 => alternatives(root, &keywords, depth).unwrap_or_else(|| "any value".into()),
        _ => {
            kinds.dedup();
            let phrases: Vec<_> = kinds
                .iter()
                .map(|kind| of_kind(root, kind, &keywords, depth))
                .collect();
            any_of(&phrases, LISTED)
        }
    };
    text + &exception(root, &keywords)
}

/// The types that are named, without `null`: one who may leave a value out need not write it.
fn kinds<'a>(keywords: &Keywords<'a>) -> Vec<&'a str> {
    let kinds: Vec<_> = match keywords.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(kind) => kind.as_str().into_iter().collect(),
        None => return implied_kind(keywords).into_iter().collect(),
    };
    match kinds.as_slice() {
        ["null"] => kinds,
        _ => kinds.into_iter().filter(|kind| *kind != "null").collect(),
    }
}

/// The type that a schema has in mind when it does not say so.
fn implied_kind(keywords: &Keywords<'_>) -> Option<&'static str> {
    const SIGNS: [(&str, &str); 14] = [
        ("minLength", "string"),
        ("maxLength", "string"),
        ("pattern", "string"),
        ("minimum", "number"),
        ("maximum", "number"),
        ("exclusiveMinimum", "number"),
        ("exclusiveMaximum", "number"),
        ("multipleOf", "number"),
        ("items", "array"),
        ("minItems", "array"),
        ("maxItems", "array"),
        ("properties", "object"),
        ("required", "object"),
        ("minProperties", "object"),
    ];
    let (_, kind) = SIGNS
        .iter()
        .find(|(keyword, _)| keywords.contains_key(keyword))?;
    Some(kind)
}

fn of_kind(root: &Value, kind: &str, keywords: &Keywords<'_>, depth: usize) -> String {
    match kind {
        "string" => string(keywords),
        "integer" => number("an integer", keywords, true),
        "number" => number("a number", keywords, false),
        "boolean" => "true or false".into(),
        "array" => array(root, keywords, depth),
        "object" => object(keywords, depth),
        other => other.into(),
    }
}

fn string(keywords: &Keywords<'_>) -> String {
    let format = keywords.get("format").and_then(|format| format.as_str());
    let base = format.and_then(string_phrase).unwrap_or("a string");
    let length = size(keywords, "minLength", "maxLength", "character");
    let pattern = keywords.get("pattern").and_then(|pattern| pattern.as_str());
    let pattern = pattern
        .map(|pattern| format!(" matching {}", escape(pattern)))
        .unwrap_or_default();
    format!("{base}{length}{pattern}")
}

fn size(keywords: &Keywords<'_>, min: &str, max: &str, noun: &str) -> String {
    let bound = |keyword| keywords.get(keyword).and_then(|bound| bound.as_u64());
    match (bound(min).filter(|min| *min > 0), bound(max)) {
        (None, None) => String::new(),
        (Some(min), None) => format!(" of at least {}", count(min, noun)),
        (None, Some(max)) => format!(" of at most {}", count(max, noun)),
        (Some(min), Some(max)) if min == max => format!(" of exactly {}", count(min, noun)),
        (Some(min), Some(max)) => format!(" of {min} to {}", count(max, noun)),
    }
}

/// One end of a range.
struct Bound {
    text: String,
    size: f64,
    inclusive: bool,
}

impl Bound {
    fn read(keywords: &Keywords<'_>, keyword: &str, inclusive: bool) -> Option<Self> {
        let value = keywords.get(keyword)?;
        Some(Self {
            text: value.to_string(),
            size: value.as_f64()?,
            inclusive,
        })
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "only of formats with at most 32 bits"
    )]
    fn exact(value: i128) -> Self {
        Self {
            text: value.to_string(),
            size: value as f64,
            inclusive: true,
        }
    }

    /// The narrower of two bounds; `sign` is 1 for lower ends and -1 for upper ones.
    fn narrower(one: Option<Self>, other: Option<Self>, sign: f64) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => {
                let other_wins = (other.size - one.size) * sign > 0.0;
                Some(if other_wins { other } else { one })
            }
            (one, other) => one.or(other),
        }
    }
}

fn number(base: &str, keywords: &Keywords<'_>, integer: bool) -> String {
    let read = |keyword, inclusive| Bound::read(keywords, keyword, inclusive);
    let mut min = Bound::narrower(read("exclusiveMinimum", false), read("minimum", true), 1.0);
    let mut max = Bound::narrower(read("exclusiveMaximum", false), read("maximum", true), -1.0);
    let format = keywords.get("format").and_then(|format| format.as_str());
    if let Some((low, high, bits)) = format.filter(|_| integer).and_then(integer_range) {
        // The ends of 64 bits would tell nobody anything; that a number is unsigned does.
        if bits <= 32 || low == 0 {
            min = Bound::narrower(min, Some(Bound::exact(low)), 1.0);
        }
        if bits <= 32 {
            max = Bound::narrower(max, Some(Bound::exact(high)), -1.0);
        }
    }
    let multiple = keywords.get("multipleOf");
    let multiple = multiple
        .map(|of| format!(" that is a multiple of {of}"))
        .unwrap_or_default();
    format!("{base}{}{multiple}", range(min, max))
}

fn range(min: Option<Bound>, max: Option<Bound>) -> String {
    let at_least = |min: &Bound| {
        let words = if min.inclusive {
            "of at least"
        } else {
            "greater than"
        };
        format!("{words} {}", min.text)
    };
    let at_most = |max: &Bound| {
        let words = if max.inclusive {
            "of at most"
        } else {
            "less than"
        };
        format!("{words} {}", max.text)
    };
    match (min, max) {
        (None, None) => String::new(),
        (Some(min), None) => format!(" {}", at_least(&min)),
        (None, Some(max)) => format!(" {}", at_most(&max)),
        (Some(min), Some(max)) if min.inclusive && max.inclusive => {
            format!(" from {} to {}", min.text, max.text)
        }
        (Some(min), Some(max)) => format!(" {} and {}", at_least(&min), at_most(&max)),
    }
}

fn array(root: &Value, keywords: &Keywords<'_>, depth: usize) -> String {
    let size = size(keywords, "minItems", "maxItems", "item");
    let unique = keywords.get("uniqueItems") == Some(&&Value::Bool(true));
    let unique = if unique { " without duplicates" } else { "" };
    let each = keywords
        .get("items")
        .filter(|items| items.is_object() && depth == 0)
        .map(|items| phrase(root, items, depth + 1))
        .filter(|each| each != "any value")
        .map(|each| format!(", each {each}"))
        .unwrap_or_default();
    format!("a list{size}{unique}{each}")
}

/// Among alternatives, an object is known by what it must have.
fn object(keywords: &Keywords<'_>, depth: usize) -> String {
    let required = keywords.get("required").and_then(|names| names.as_array());
    let names: Vec<_> = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|name| format!("`{}`", super::words::plain(name)))
        .collect();
    let size = match size(keywords, "minProperties", "maxProperties", "property") {
        size if size.ends_with("propertys") => size.replace("propertys", "properties"),
        size => size,
    };
    if depth > 0 && !names.is_empty() {
        format!("an object{size} with {}", all_of(&names, 3))
    } else {
        format!("an object{size}")
    }
}

fn alternatives(root: &Value, keywords: &Keywords<'_>, depth: usize) -> Option<String> {
    const DEPTH: usize = 3;
    let branches = keywords
        .get("anyOf")
        .or_else(|| keywords.get("oneOf"))?
        .as_array()?;
    if depth > DEPTH {
        return None;
    }
    let mut phrases = Vec::new();
    for branch in branches
        .iter()
        .filter(|branch| !is_null_schema(branch))
        .take(LISTED)
    {
        let phrase = phrase(root, branch, depth + 1);
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    Some(any_of(&phrases, LISTED))
}

fn exception(root: &Value, keywords: &Keywords<'_>) -> String {
    let Some(values) = keywords.get("not").and_then(|not| choices(root, not)) else {
        return String::new();
    };
    let names: Vec<_> = values.into_iter().map(show).collect();
    format!(" other than {}", any_of(&names, LISTED))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn reads(schema: &Value, expected: &str) {
        assert_eq!(describe(schema, schema), expected);
    }

    #[test]
    fn strings() {
        reads(&json!({ "type": "string" }), "a string");
        reads(
            &json!({ "type": "string", "minLength": 1 }),
            "a string of at least 1 character",
        );
        reads(
            &json!({ "type": "string", "maxLength": 9 }),
            "a string of at most 9 characters",
        );
        reads(
            &json!({ "type": "string", "minLength": 1, "maxLength": 10 }),
            "a string of 1 to 10 characters",
        );
        reads(
            &json!({ "type": "string", "minLength": 5, "maxLength": 5 }),
            "a string of exactly 5 characters",
        );
        reads(
            &json!({ "type": "string", "pattern": r"^\d{5}$" }),
            r"a string matching ^\d{5}$",
        );
        reads(
            &json!({ "type": "string", "format": "date-time" }),
            "a date-time (RFC 3339)",
        );
        reads(&json!({ "type": "string", "format": "x" }), "a string");
    }

    #[test]
    fn numbers() {
        reads(&json!({ "type": "integer" }), "an integer");
        reads(
            &json!({ "type": "integer", "minimum": 1, "maximum": 100 }),
            "an integer from 1 to 100",
        );
        reads(
            &json!({ "type": "number", "exclusiveMinimum": 0 }),
            "a number greater than 0",
        );
        reads(
            &json!({ "type": "number", "exclusiveMaximum": 1.5 }),
            "a number less than 1.5",
        );
        reads(
            &json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1 }),
            "a number greater than 0 and of at most 1",
        );
        reads(
            &json!({ "type": "number", "minimum": 0.5 }),
            "a number of at least 0.5",
        );
        reads(
            &json!({ "type": "integer", "multipleOf": 5 }),
            "an integer that is a multiple of 5",
        );
        reads(
            &json!({ "type": "integer", "not": { "const": 0 } }),
            "an integer other than 0",
        );
    }

    #[test]
    fn integer_formats_are_ranges_where_that_helps() {
        let format = |format| json!({ "type": "integer", "format": format });
        reads(&format("uint32"), "an integer from 0 to 4294967295");
        reads(&format("int8"), "an integer from -128 to 127");
        reads(&format("int64"), "an integer");
        reads(&format("uint64"), "an integer of at least 0");
        reads(
            &json!({ "type": "integer", "format": "uint32", "minimum": 1 }),
            "an integer from 1 to 4294967295",
        );
        reads(
            &json!({ "type": "integer", "format": "uint8", "minimum": -5, "maximum": 9 }),
            "an integer from 0 to 9",
        );
    }

    #[test]
    fn choices_are_listed() {
        reads(
            &json!({ "enum": ["red", "green", "blue"] }),
            "one of red, green or blue",
        );
        reads(&json!({ "const": "red" }), "exactly \"red\"");
        reads(
            &json!({ "enum": [1, "a, b", null] }),
            "one of 1 or \"a, b\"",
        );
        reads(
            &json!({ "oneOf": [{ "const": "a", "description": "…" }, { "enum": ["b", "c"] }] }),
            "one of a, b or c",
        );
        let many: Vec<_> = (0..12).collect();
        reads(
            &json!({ "enum": many }),
            "one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … (2 more)",
        );
    }

    #[test]
    fn lists_objects_and_the_rest() {
        reads(
            &json!({ "type": "array", "maxItems": 5 }),
            "a list of at most 5 items",
        );
        reads(
            &json!({ "type": "array", "uniqueItems": true, "items": { "type": "integer" } }),
            "a list without duplicates, each an integer",
        );
        reads(&json!({ "type": "object", "required": ["a"] }), "an object");
        reads(
            &json!({ "type": "object", "minProperties": 2 }),
            "an object of at least 2 properties",
        );
        reads(&json!({ "type": "boolean" }), "true or false");
        reads(&json!({ "type": "null" }), "null");
        reads(&json!(true), "any value");
        reads(&json!(false), "nothing");
        reads(
            &json!({ "minLength": 2 }),
            "a string of at least 2 characters",
        );
    }

    #[test]
    fn null_is_not_mentioned_beside_other_types() {
        reads(&json!({ "type": ["integer", "null"] }), "an integer");
        reads(
            &json!({ "anyOf": [{ "type": "boolean" }, { "type": "null" }] }),
            "true or false",
        );
        reads(
            &json!({ "type": ["integer", "string"] }),
            "an integer or a string",
        );
    }

    #[test]
    fn alternatives_are_joined() {
        reads(
            &json!({ "anyOf": [
                { "type": "integer" },
                { "type": "object", "required": ["a", "b"] },
                { "type": "integer" },
            ] }),
            "an integer or an object with `a` and `b`",
        );
    }

    #[test]
    fn references_are_followed() {
        let schema = json!({ "$ref": "#/$defs/n", "$defs": { "n": { "type": "integer" } } });
        reads(&schema, "an integer");
        assert_eq!(rules(&schema, &schema), Some(json!({ "type": "integer" })));
    }

    #[test]
    fn endless_patterns_are_cut() {
        let schema = json!({ "type": "string", "pattern": "x".repeat(1000) });
        assert_eq!(describe(&schema, &schema).chars().count(), 241);
    }
}
