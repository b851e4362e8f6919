//! The input schema of a handler: one object, made from its parameters.

use std::sync::Arc;

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde_json::{Map, Value};

use super::{
    Parameter, Property, Requirements,
    constraint::Unit,
    header,
    parameter::Facts,
    width::{advertised, bounded},
};

/// The schema that a handler advertises and that its arguments are checked against.
#[derive(Debug)]
pub(crate) struct InputSchema {
    /// A JSON Schema 2020-12 object, as arguments are checked against it.
    pub(crate) checked: Arc<Value>,
    /// The same, as clients see it.
    pub(crate) advertised: Arc<Map<String, Value>>,
    flattened: Vec<(&'static str, Vec<String>)>,
}

impl InputSchema {
    /// Builds the schema; mistakes are told in `problems`, a sentence each.
    pub(crate) fn new(
        parameters: &[&'static dyn Parameter],
        requirements: &mut Requirements,
        problems: &mut Vec<String>,
    ) -> Self {
        let mut generator = generator();
        let mut properties = Map::new();
        let mut required = Vec::new();
        let mut flattened = Vec::new();
        for parameter in parameters {
            let Some(property) = parameter.describe(&mut generator, requirements) else {
                continue;
            };
            let name = property.facts.name;
            let outcome = if property.facts.flatten {
                merge(property, &mut properties, &mut required)
                    .map(|fields| flattened.push((name, fields)))
            } else {
                add(property, &mut properties, &mut required)
            };
            problems.extend(
                outcome
                    .err()
                    .map(|problem| format!("argument `{name}`: {problem}")),
            );
        }
        let mut checked = object(properties, required, generator.take_definitions(true));
        bounded(&mut checked);
        let advertised = advertised(checked.clone());
        Self {
            checked: Arc::new(checked.into()),
            advertised: Arc::new(advertised),
            flattened,
        }
    }

    /// Advertises and enforces a schema that the author wrote by hand instead.
    pub(crate) fn replace(&mut self, schema: Map<String, Value>) {
        self.checked = Arc::new(schema.clone().into());
        self.advertised = Arc::new(schema);
    }

    /// The names of the arguments that belong to the flattened parameter `name`.
    pub(crate) fn flattened(&self, name: &str) -> &[String] {
        let group = self
            .flattened
            .iter()
            .find(|(parameter, _)| *parameter == name);
        group.map_or(&[], |(_, fields)| fields)
    }
}

/// References are written out, because many clients do not resolve them; only recursive types keep theirs.
pub(crate) fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
}

/// A generator of the schemas of what tools return.
pub(crate) fn output_generator() -> SchemaGenerator {
    let settings = generator().settings().clone();
    settings.for_serialize().into_generator()
}

fn object(
    properties: Map<String, Value>,
    required: Vec<Value>,
    definitions: Map<String, Value>,
) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    if !properties.is_empty() {
        schema.insert("properties".into(), properties.into());
    }
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    schema.insert("additionalProperties".into(), false.into());
    if !definitions.is_empty() {
        schema.insert("$defs".into(), definitions.into());
    }
    schema
}

fn add(
    property: Property,
    properties: &mut Map<String, Value>,
    required: &mut Vec<Value>,
) -> Result<(), String> {
    let Property {
        facts,
        schema,
        optional,
        default,
        examples,
    } = property;
    let mut schema = schema_object(schema);
    if optional {
        strip_null(&mut schema);
    } else {
        required.push(facts.name.into());
    }
    constrain(&mut schema, &facts);
    if let Some(default) = default {
        let default = default.map_err(|error| format!("its default has no JSON form: {error}"))?;
        if !default.is_null() {
            schema.insert("default".into(), default);
        }
    }
    if !examples.is_empty() {
        schema.insert("examples".into(), examples.into());
    }
    if properties
        .insert(facts.name.into(), schema.into())
        .is_some()
    {
        return Err("a flattened group of arguments has one of the same name".into());
    }
    Ok(())
}

fn merge(
    property: Property,
    properties: &mut Map<String, Value>,
    required: &mut Vec<Value>,
) -> Result<Vec<String>, String> {
    let mut group = schema_object(property.schema);
    let Some(Value::Object(fields)) = group.shift_remove("properties") else {
        return Err("only a struct with named fields can be flattened".into());
    };
    let secret = group.shift_remove("writeOnly");
    let needed = match group.shift_remove("required") {
        Some(Value::Array(needed)) if !property.optional => needed,
        _ => Vec::new(),
    };
    let names = fields.keys().cloned().collect();
    for (name, schema) in fields {
        let mut schema = schema.as_object().cloned().unwrap_or_default();
        if !needed.iter().any(|needed| *needed == *name) {
            strip_null(&mut schema);
        }
        if let Some(secret) = &secret {
            schema.insert("writeOnly".into(), secret.clone());
        }
        if properties.insert(name.clone(), schema.into()).is_some() {
            return Err(format!(
                "its field `{name}` has the name of another argument"
            ));
        }
    }
    required.extend(needed);
    Ok(names)
}

/// `true`, the schema of anything, becomes an object that can carry a description.
fn schema_object(mut schema: Schema) -> Map<String, Value> {
    std::mem::take(schema.ensure_object())
}

fn constrain(schema: &mut Map<String, Value>, facts: &Facts) {
    let mut set = |keyword: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema.insert(keyword.into(), value);
        }
    };
    set("title", facts.title.map(Into::into));
    set("description", facts.description.map(Into::into));
    set(
        "minimum",
        facts.minimum.map(super::constraint::Bound::to_json),
    );
    set(
        "maximum",
        facts.maximum.map(super::constraint::Bound::to_json),
    );
    set("pattern", facts.pattern.map(Into::into));
    set(header::KEYWORD, facts.header.map(Into::into));
    if let Some((unit, least, most)) = facts.length {
        let (minimum, maximum) = match unit {
            Unit::Characters => ("minLength", "maxLength"),
            Unit::Items => ("minItems", "maxItems"),
            Unit::Entries => ("minProperties", "maxProperties"),
        };
        set(minimum, least.map(Into::into));
        set(maximum, most.map(Into::into));
    }
    header::limit_integer(schema);
}

/// Takes `null` out of a schema: an argument that is not required is left out, not sent as `null`.
pub(crate) fn strip_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = schema.get_mut(keyword) else {
            continue;
        };
        branches.retain(|branch| {
            branch.get("type") != Some(&"null".into()) && branch.get("const") != Some(&Value::Null)
        });
        if let [Value::Object(only)] = branches.as_mut_slice() {
            let only = std::mem::take(only);
            schema.shift_remove(keyword);
            for (key, value) in only {
                schema.entry(key).or_insert(value);
            }
        }
    }
    if schema.get("default") == Some(&Value::Null) {
        schema.shift_remove("default");
    }
}

/// Reads a value from nothing: an `Option` becomes `None`, everything else fails.
///
/// This is how serde decides whether a field may be missing, so that aliases and wrappers of `Option` count as well.
pub(crate) fn read_missing<T: DeserializeOwned>() -> Result<T, serde_json::Error> {
    T::deserialize(Missing)
}

struct Missing;

impl<'de> Deserializer<'de> for Missing {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("the argument is missing"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
