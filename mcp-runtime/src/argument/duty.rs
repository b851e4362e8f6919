//! What a schema asks of the parts of a value, beside the assertions about the value itself.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::plan::Plan;
use super::subschema::{branches, reference};
use super::survey::address;

/// One thing that a schema asks for, about one value (`'v`) or a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Duty<'a, 'v> {
    /// The same value is to satisfy another schema.
    Here(&'a Value),
    /// The same value is to satisfy some (`anyOf`) or one (`oneOf`) of several schemas.
    Choice(&'static str, &'a [Value]),
    Not(&'a Value),
    Property(&'a Value, &'v str, &'v Value),
    Item(&'a Value, usize, &'v Value),
    /// The name of a property is to satisfy a schema.
    Name(&'a Value, &'v str),
    Contains(&'a Value),
    /// A property is not there; the keyword says why it should be.
    Missing(&'a str, &'static str),
    /// A property is there; the keyword says why it should not be.
    Unknown(&'v str, &'static str),
}

/// Judges values as the compiled validator does, but part by part.
///
/// The verdict on a call is never taken from here. It decides which branch and which part the
/// explanation goes into; every answer is remembered, so that the time is bounded.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    pub(super) root: &'a Value,
    pub(super) plan: &'a Plan,
    /// By the addresses of schema and value. Only lists and objects: those in the arguments stay
    /// where they are, while a name or a number may be made up for one question.
    known: HashMap<(usize, usize), bool>,
    steps: usize,
    depth: usize,
}

impl<'a> Judge<'a> {
    /// After so many steps, and so deep, whatever remains is taken to be right.
    const STEPS: usize = 200_000;
    const DEPTH: usize = 512;

    pub(super) fn new(root: &'a Value, plan: &'a Plan) -> Self {
        Self {
            root,
            plan,
            known: HashMap::new(),
            steps: 0,
            depth: 0,
        }
    }

    /// Whether `value` satisfies `schema`.
    pub(super) fn valid(&mut self, schema: &'a Value, value: &Value) -> bool {
        if let Value::Bool(any) = schema {
            return *any;
        }
        if self.steps >= Self::STEPS || self.depth >= Self::DEPTH {
            return true;
        }
        let container = value.is_array() || value.is_object();
        let key = (address(schema), address(value));
        if let Some(known) = self.known.get(&key).filter(|_| container) {
            return *known;
        }
        self.steps += 1;
        self.depth += 1;
        let valid = self.plan.holds(schema, value)
            && self
                .duties(schema, value)
                .into_iter()
                .all(|duty| self.holds(duty, value));
        self.depth -= 1;
        if container {
            self.known.insert(key, valid);
        }
        valid
    }

    /// Whether `value` does what is asked.
    pub(super) fn holds(&mut self, duty: Duty<'a, '_>, value: &Value) -> bool {
        match duty {
            Duty::Here(schema) => self.valid(schema, value),
            Duty::Choice("oneOf", choices) => {
                choices
                    .iter()
                    .filter(|choice| self.valid(choice, value))
                    .take(2)
                    .count()
                    == 1
            }
            Duty::Choice(_, choices) => choices.iter().any(|choice| self.valid(choice, value)),
            Duty::Not(schema) => !self.valid(schema, value),
            Duty::Property(schema, _, part) | Duty::Item(schema, _, part) => {
                self.valid(schema, part)
            }
            Duty::Name(schema, name) => self.valid(schema, &Value::from(name)),
            Duty::Contains(schema) => {
                let items = value.as_array().into_iter().flatten();
                items.into_iter().any(|item| self.valid(schema, item))
            }
            Duty::Missing(..) | Duty::Unknown(..) => false,
        }
    }

    /// Lists what `schema` asks for, without what its assertions say and what `$ref` points to
    /// outside of the schema.
    pub(super) fn duties<'v>(&mut self, schema: &'a Value, value: &'v Value) -> Vec<Duty<'a, 'v>> {
        let mut duties: Vec<_> = reference(self.root, schema)
            .map(Duty::Here)
            .into_iter()
            .collect();
        duties.extend(branches(schema, "allOf").iter().map(Duty::Here));
        for keyword in ["anyOf", "oneOf"] {
            let choices = branches(schema, keyword);
            duties.extend((!choices.is_empty()).then_some(Duty::Choice(keyword, choices)));
        }
        duties.extend(schema.get("not").map(Duty::Not));
        duties.extend(self.consequence(schema, value).map(Duty::Here));
        match value {
            Value::Object(map) => self.object_duties(schema, value, map, &mut duties),
            Value::Array(items) => item_duties(schema, items, &mut duties),
            _ => {}
        }
        duties
    }

    /// The branch of `if` that applies.
    fn consequence(&mut self, schema: &'a Value, value: &Value) -> Option<&'a Value> {
        let condition = schema.get("if")?;
        schema.get(if self.valid(condition, value) {
            "then"
        } else {
            "else"
        })
    }

    fn object_duties<'v>(
        &mut self,
        schema: &'a Value,
        value: &'v Value,
        map: &'v Map<String, Value>,
        duties: &mut Vec<Duty<'a, 'v>>,
    ) {
        let required = branches(schema, "required")
            .iter()
            .filter_map(Value::as_str);
        let missing = required.filter(|name| !map.contains_key(*name));
        duties.extend(missing.map(|name| Duty::Missing(name, "required")));
        dependent_duties(schema, map, duties);
        let other = schema.get("additionalProperties");
        for (name, part) in map {
            duties.extend(
                schema
                    .get("propertyNames")
                    .map(|names| Duty::Name(names, name)),
            );
            let described = self.described(schema, name);
            if described.is_empty() {
                duties.extend(
                    other.map(|other| left_over(other, name, part, "additionalProperties")),
                );
            }
            duties.extend(
                described
                    .into_iter()
                    .map(|next| Duty::Property(next, name, part)),
            );
        }
        if let Some(rest) = schema.get("unevaluatedProperties") {
            let mut evaluated = HashSet::new();
            self.evaluate(schema, value, map, &mut evaluated);
            let unevaluated = map
                .iter()
                .filter(|(name, _)| !evaluated.contains(name.as_str()));
            duties.extend(
                unevaluated
                    .map(|(name, part)| left_over(rest, name, part, "unevaluatedProperties")),
            );
        }
    }

    /// The subschemas that a schema has for a property of this name.
    fn described(&self, schema: &'a Value, name: &str) -> Vec<&'a Value> {
        let named = schema.get("properties").and_then(|all| all.get(name));
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        let matching = patterns.into_iter().flatten();
        let matching = matching.filter(|(pattern, _)| self.plan.matches(pattern, name));
        named
            .into_iter()
            .chain(matching.map(|(_, next)| next))
            .collect()
    }

    /// Collects the properties that `schema`, or a subschema that holds, has a word on.
    fn evaluate<'v>(
        &mut self,
        schema: &'a Value,
        value: &'v Value,
        map: &'v Map<String, Value>,
        evaluated: &mut HashSet<&'v str>,
    ) {
        let all = schema.get("additionalProperties").is_some();
        let names = map.keys().map(String::as_str);
        evaluated.extend(names.filter(|name| all || !self.described(schema, name).is_empty()));
        let mut next: Vec<_> = reference(self.root, schema).into_iter().collect();
        for keyword in ["allOf", "anyOf", "oneOf"] {
            next.extend(branches(schema, keyword));
        }
        next.extend(schema.get("if"));
        next.extend(self.consequence(schema, value));
        let dependent = schema.get("dependentSchemas").and_then(Value::as_object);
        let dependent = dependent.into_iter().flatten();
        next.extend(
            dependent
                .filter(|(name, _)| map.contains_key(*name))
                .map(|(_, next)| next),
        );
        for next in next {
            if self.valid(next, value) {
                self.evaluate(next, value, map, evaluated);
            }
        }
    }
}

fn left_over<'a, 'v>(
    schema: &'a Value,
    name: &'v str,
    part: &'v Value,
    keyword: &'static str,
) -> Duty<'a, 'v> {
    match schema {
        Value::Bool(false) => Duty::Unknown(name, keyword),
        schema => Duty::Property(schema, name, part),
    }
}

fn dependent_duties<'a>(
    schema: &'a Value,
    map: &Map<String, Value>,
    duties: &mut Vec<Duty<'a, '_>>,
) {
    for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
        let all = schema
            .get(keyword)
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        for (_, dependent) in all.filter(|(name, _)| map.contains_key(*name)) {
            match dependent {
                Value::Array(names) => {
                    let names = names.iter().filter_map(Value::as_str);
                    let missing = names.filter(|name| !map.contains_key(*name));
                    duties.extend(missing.map(|name| Duty::Missing(name, "dependentRequired")));
                }
                schema => duties.push(Duty::Here(schema)),
            }
        }
    }
}

fn item_duties<'a, 'v>(schema: &'a Value, items: &'v [Value], duties: &mut Vec<Duty<'a, 'v>>) {
    let (first, rest) = match schema.get("items") {
        Some(Value::Array(first)) => (first.as_slice(), schema.get("additionalItems")),
        rest => (branches(schema, "prefixItems"), rest),
    };
    for (index, item) in items.iter().enumerate() {
        let next = first.get(index).or(rest);
        duties.extend(next.map(|next| Duty::Item(next, index, item)));
    }
    duties.extend(schema.get("contains").map(Duty::Contains));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::plan::options;
    use super::super::survey::survey;
    use super::*;

    fn judged(schema: &Value, value: &Value) -> bool {
        let plan = Plan::new(schema, &survey(schema).unwrap());
        Judge::new(schema, &plan).valid(schema, value)
    }

    /// One schema per group of keywords, all of them about the properties `a` and `b`.
    fn schemas() -> Vec<Value> {
        let integer = json!({ "type": "integer" });
        let with = |name: &str| json!({ "properties": { name: integer }, "required": [name] });
        vec![
            json!({ "properties": { "a": integer }, "required": ["a"], "additionalProperties": false }),
            json!({ "patternProperties": { "^a": integer }, "additionalProperties": { "type": "string" } }),
            json!({ "anyOf": [with("a"), with("b")] }),
            json!({ "oneOf": [with("a"), with("b")] }),
            json!({ "allOf": [with("a"), { "not": with("b") }] }),
            json!({ "if": with("a"), "then": { "required": ["b"] }, "else": { "maxProperties": 1 } }),
            json!({ "dependentRequired": { "a": ["b"] }, "dependentSchemas": { "b": with("b") } }),
            json!({ "propertyNames": { "pattern": "^a" } }),
            json!({ "properties": { "a": {
                "prefixItems": [integer], "items": { "type": "string" }, "contains": { "const": "x" },
            } } }),
            json!({
                "properties": { "a": true }, "anyOf": [with("b"), true],
                "unevaluatedProperties": false,
            }),
            json!({ "$ref": "#/$defs/n", "$defs": { "n": {
                "properties": { "a": { "anyOf": [{ "$ref": "#/$defs/n" }, integer] } },
            } } }),
        ]
    }

    fn some_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            Just(json!("x")),
            (-2_i64..3).prop_map(Value::from),
            Just(json!(1.5)),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("a|b|ab|c", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_judge_agrees_with_the_validator(value in some_value()) {
            for schema in schemas() {
                let compiled = options().build(&schema).unwrap();
                prop_assert_eq!(judged(&schema, &value), compiled.is_valid(&value), "{}", schema);
            }
        }
    }

    #[test]
    fn alternatives_nested_in_themselves_take_no_exponential_time() {
        let branch = json!({ "type": "object", "properties": { "a": { "$ref": "#" } } });
        let schema = json!({ "anyOf": [branch, branch, { "type": "string" }] });
        let deep = (0..120).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert!(!judged(&schema, &deep));
    }
}
