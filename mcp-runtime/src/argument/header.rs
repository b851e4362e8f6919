//! Arguments that clients repeat in HTTP headers, `Mcp-Param-…`, so that proxies can route by them: the extension keyword
//! `x-mcp-header` of a tool's input schema (Streamable HTTP transport of 2026-07-28, "Custom headers from tool parameters").

use serde_json::{Map, Value};

use super::subschema::{holds_secret, is_marked_secret};

/// The keyword that names the header.
pub(crate) const KEYWORD: &str = "x-mcp-header";

/// The largest integer that every JSON reader keeps exactly: 2^53 - 1.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// An argument that stands in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderParameter {
    /// The part of the header's name behind `Mcp-Param-`, as the author wrote it.
    pub(crate) name: String,
    /// The way from the arguments to the value.
    pub(crate) path: Vec<String>,
}

/// Gives an integer that stands in a header the bounds that the protocol wants, unless it has closer ones.
pub(crate) fn limit_integer(schema: &mut Map<String, Value>) {
    let format = schema.get("format").and_then(Value::as_str);
    let is_wide = matches!(format, Some("int" | "uint" | "int64" | "uint64"));
    if !schema.contains_key(KEYWORD) || !is_wide {
        return;
    }
    let is_safe = |bound: &Value| bound.as_i64().is_some_and(|bound| bound.abs() <= MAX_SAFE);
    for (keyword, bound) in [("minimum", -MAX_SAFE), ("maximum", MAX_SAFE)] {
        if !schema.get(keyword).is_some_and(is_safe) {
            schema.insert(keyword.into(), bound.into());
        }
    }
}

/// The arguments of a tool that stand in headers; what is wrong with them is told in `problems`.
pub(crate) fn header_parameters(
    schema: &Map<String, Value>,
    problems: &mut Vec<String>,
) -> Vec<HeaderParameter> {
    let mut found = Vec::new();
    walk(schema, &mut Vec::new(), &mut found, problems);
    for (at, header) in found.iter().enumerate() {
        if found[..at]
            .iter()
            .any(|other| other.name.eq_ignore_ascii_case(&header.name))
        {
            problems.push(format!(
                "two arguments stand in the header `{}`: rename one of them, names of headers are the same in any case",
                header.name
            ));
        }
    }
    if !found.is_empty() {
        refuse_secrets(schema, &found, problems);
    }
    if count_in(schema) > found.len() && problems.is_empty() {
        problems.push(format!(
            "`{KEYWORD}` stands where no header can carry the value: only on properties of objects, not inside of lists, \
             choices or references"
        ));
    }
    found
}

fn refuse_secrets(
    schema: &Map<String, Value>,
    found: &[HeaderParameter],
    problems: &mut Vec<String>,
) {
    let root = Value::Object(schema.clone());
    for header in found.iter().filter(|header| is_secret(&root, &header.path)) {
        problems.push(format!(
            "the argument `{}` is a secret, and headers are written down on their way: it must not stand in the header `{}`",
            header.path.join("."),
            header.name
        ));
    }
}

fn walk(
    schema: &Map<String, Value>,
    path: &mut Vec<String>,
    found: &mut Vec<HeaderParameter>,
    problems: &mut Vec<String>,
) {
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return;
    };
    for (name, property) in properties {
        let Value::Object(property) = property else {
            continue;
        };
        path.push(name.clone());
        match property.get(KEYWORD) {
            None => walk(property, path, found, problems),
            Some(Value::String(header)) if is_token(header) && fits(property) => {
                found.push(HeaderParameter { name: header.clone(), path: path.clone() });
            }
            Some(header) => problems.push(format!(
                "the argument `{}` cannot stand in the header {header}: the header's name is a token such as `Region`, the \
                 argument a text, an integer or a boolean",
                path.join(".")
            )),
        }
        path.pop();
    }
}

/// Whether an argument is a secret, or a part of one.
fn is_secret(root: &Value, path: &[String]) -> bool {
    let mut schema = root;
    for name in path {
        schema = &schema["properties"][name];
        if is_marked_secret(schema) {
            return true;
        }
    }
    holds_secret(root, schema)
}

/// How often the keyword stands anywhere.
fn count(value: &Value) -> usize {
    match value {
        Value::Object(object) => count_in(object),
        Value::Array(values) => values.iter().map(count).sum(),
        _ => 0,
    }
}

fn count_in(object: &Map<String, Value>) -> usize {
    let own = usize::from(object.get(KEYWORD).is_some_and(Value::is_string));
    own + object.values().map(count).sum::<usize>()
}

fn is_token(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(is_allowed)
}

fn fits(schema: &Map<String, Value>) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    matches!(kind, Some("string" | "integer" | "boolean"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(schema: Value) -> (Vec<(String, String)>, Vec<String>) {
        let mut problems = Vec::new();
        let Value::Object(schema) = schema else {
            panic!("an object")
        };
        let found = header_parameters(&schema, &mut problems);
        let found = found
            .into_iter()
            .map(|header| (header.name, header.path.join(".")));
        (found.collect(), problems)
    }

    #[test]
    fn headers_are_found_along_properties() {
        let (found, problems) = read(json!({ "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "to": { "type": "object", "properties": { "id": { "type": "integer", "x-mcp-header": "To-Id" } } },
        } }));
        assert_eq!(problems, [""; 0]);
        assert_eq!(
            found,
            [
                ("Region".into(), "region".into()),
                ("To-Id".into(), "to.id".into())
            ]
        );
    }

    #[test]
    fn integers_in_headers_stay_where_every_reader_keeps_them() {
        let limited = |schema: Value| {
            let Value::Object(mut schema) = schema else {
                panic!("an object")
            };
            limit_integer(&mut schema);
            [
                schema.get("minimum").cloned(),
                schema.get("maximum").cloned(),
            ]
        };
        let most = Some(json!(9_007_199_254_740_991_i64));
        let schema = json!({ "format": "uint64", "minimum": 0, "x-mcp-header": "A" });
        assert_eq!(limited(schema), [Some(json!(0)), most]);
        let schema = json!({ "format": "int64", "maximum": 5, "x-mcp-header": "A" });
        assert_eq!(
            limited(schema),
            [Some(json!(-9_007_199_254_740_991_i64)), Some(json!(5))]
        );
        assert_eq!(limited(json!({ "format": "int64" })), [None, None]);
    }

    #[test]
    fn a_secret_stands_in_no_header() {
        for secret in [
            json!({ "a": { "type": "string", "writeOnly": true, "x-mcp-header": "A" } }),
            json!({ "a": { "type": "string", "format": "password", "x-mcp-header": "A" } }),
            json!({ "a": { "type": "object", "writeOnly": true, "properties": {
                "b": { "type": "string", "x-mcp-header": "A" },
            } } }),
        ] {
            let (_, problems) = read(json!({ "properties": secret }));
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].contains("is a secret"), "{problems:?}");
        }
    }

    #[test]
    fn headers_that_no_client_could_send_are_refused() {
        for bad in [
            json!({ "properties": { "a": { "type": "string", "x-mcp-header": "" } } }),
            json!({ "properties": { "a": { "type": "string", "x-mcp-header": "A B" } } }),
            json!({ "properties": { "a": { "type": "number", "x-mcp-header": "A" } } }),
            json!({ "properties": { "a": { "type": "array", "items": { "type": "string", "x-mcp-header": "A" } } } }),
            json!({ "properties": {
                "a": { "type": "string", "x-mcp-header": "A" },
                "b": { "type": "string", "x-mcp-header": "a" },
            } }),
        ] {
            let (_, problems) = read(bad.clone());
            assert_eq!(problems.len(), 1, "{bad}: {problems:?}");
        }
    }
}
