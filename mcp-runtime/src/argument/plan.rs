//! The assertions of every subschema, compiled one by one, to find out which of them failed.

use std::collections::HashMap;

use jsonschema::{PatternOptions, ValidationOptions};
use serde_json::{Map, Value, json};

use super::format;
use super::subschema::ASSERTIONS;
use super::survey::address;

/// How every schema is compiled: nothing is fetched, formats are asserted as documented in
/// [`mod@format`], and patterns run in linear time.
pub(super) fn options() -> ValidationOptions<'static> {
    jsonschema::options()
        .offline()
        .with_pattern_options(PatternOptions::regex())
        .with_keyword("format", format::compile)
}

/// What is needed to explain why a schema refuses a value.
///
/// The validator of the whole schema is not asked for its errors: it lists those of every branch of
/// every alternative, which takes exponential time for a recursive schema and a value nested deeply
/// enough. Here, each subschema's own assertions stand by themselves, and the branches are chosen
/// before anything is listed.
#[derive(Debug)]
pub(super) struct Plan {
    /// By the address of the subschema, which is never moved.
    assertions: HashMap<usize, jsonschema::Validator>,
    /// By the pattern that a property name must match.
    patterns: HashMap<String, jsonschema::Validator>,
}

impl Plan {
    pub(super) fn new(root: &Value, subschemas: &[&Value]) -> Self {
        let dialect = root.get("$schema");
        let mut plan = Self {
            assertions: HashMap::new(),
            patterns: HashMap::new(),
        };
        for schema in subschemas {
            let own: Map<_, _> = ASSERTIONS
                .into_iter()
                .filter_map(|keyword| Some((keyword.to_owned(), schema.get(keyword)?.clone())))
                .collect();
            if let Some(compiled) = (!own.is_empty()).then(|| compile(own, dialect)).flatten() {
                plan.assertions.insert(address(schema), compiled);
            }
            let patterns = schema.get("patternProperties").and_then(Value::as_object);
            for pattern in patterns.into_iter().flat_map(Map::keys) {
                let own = Map::from_iter([("pattern".to_owned(), json!(pattern))]);
                if let Some(compiled) = compile(own, dialect) {
                    plan.patterns.insert(pattern.clone(), compiled);
                }
            }
        }
        plan
    }

    /// Whether the assertions of `schema` itself hold.
    pub(super) fn holds(&self, schema: &Value, value: &Value) -> bool {
        self.assertions
            .get(&address(schema))
            .is_none_or(|compiled| compiled.is_valid(value))
    }

    /// The assertion of `schema` itself that says most clearly what is wrong with `value`.
    pub(super) fn broken(&self, schema: &Value, value: &Value) -> Option<String> {
        let compiled = self.assertions.get(&address(schema))?;
        let rank = |keyword: &String| match keyword.as_str() {
            "type" => 0,
            "const" | "enum" => 1,
            "format" => 3,
            _ => 2,
        };
        let errors = compiled.iter_errors(value);
        errors
            .map(|error| error.kind().keyword().to_owned())
            .min_by_key(rank)
    }

    /// Whether a property name matches a key of `patternProperties`.
    pub(super) fn matches(&self, pattern: &str, name: &str) -> bool {
        let compiled = self.patterns.get(pattern);
        compiled.is_some_and(|compiled| compiled.is_valid(&Value::from(name)))
    }
}

/// `None` is for what cannot happen: the parts of a schema that compiled compile as well. It would
/// cost a better explanation, not a wrong verdict.
fn compile(mut own: Map<String, Value>, dialect: Option<&Value>) -> Option<jsonschema::Validator> {
    if let Some(dialect) = dialect {
        own.insert("$schema".into(), dialect.clone());
    }
    options().build(&Value::Object(own)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::survey::survey;
    use super::*;

    fn broken(schema: &Value, value: &Value) -> Option<String> {
        Plan::new(schema, &survey(schema).unwrap()).broken(schema, value)
    }

    #[test]
    fn the_clearest_assertion_is_named() {
        let schema = json!({ "type": "integer", "format": "uint32", "minimum": 1, "enum": [1, 2] });
        assert_eq!(broken(&schema, &json!("x")).as_deref(), Some("type"));
        assert_eq!(broken(&schema, &json!(-1)).as_deref(), Some("enum"));
        assert_eq!(broken(&schema, &json!(1)), None);
        let schema = json!({ "type": "integer", "format": "uint32", "minimum": 0 });
        assert_eq!(broken(&schema, &json!(-1)).as_deref(), Some("minimum"));
        assert_eq!(
            broken(&schema, &json!(1_u64 << 32)).as_deref(),
            Some("format")
        );
    }

    #[test]
    fn subschemas_do_not_count() {
        let schema = json!({ "properties": { "a": { "type": "integer" } }, "required": ["b"] });
        assert_eq!(broken(&schema, &json!({ "a": "x" })), None);
    }
}
