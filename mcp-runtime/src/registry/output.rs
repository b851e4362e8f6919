//! What a tool returns: its schema, and the form of its results.

use std::sync::Arc;

use rmcp::model::{CallToolResult, ProtocolVersion};
use serde_json::{Map, Value};

use crate::{
    argument::{Validator, advertised, bounded, output_generator},
    tool::Tool,
};

/// What a tool returns.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) shape: Shape,
    /// The schema as it is advertised.
    pub(crate) schema: Option<Arc<Map<String, Value>>>,
    pub(crate) validator: Option<Validator>,
}

/// How the JSON of a tool becomes content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A string: text only.
    Text,
    /// `null`: nothing.
    Nothing,
    /// An object: structured content.
    Object,
    /// Another value: structured content, which sessions before 2026-07-28 get as the field `result` of an object.
    Value,
    /// Any value, of which no schema is advertised: those sessions get an object as it is, and others like the above.
    Unsaid,
}

impl Output {
    /// Whether a result is checked whatever the settings say: it holds a `null`, which is what a number that is none becomes in JSON.
    pub(crate) fn is_suspect(&self, result: &CallToolResult) -> bool {
        let structured = result.structured_content.as_ref();
        self.validator.is_some() && structured.is_some_and(holds_null)
    }

    /// What is wrong with a result, in the form that it has in a revision, if anything is.
    pub(crate) fn problem(
        &self,
        version: &ProtocolVersion,
        result: &CallToolResult,
    ) -> Option<String> {
        let mut value = result.structured_content.as_ref()?;
        if self.shape == Shape::Value && version.has_initialize() {
            value = value.get("result").unwrap_or(value);
        }
        let problems = self.validator.as_ref()?.check(value).err()?;
        problems.first().map(ToString::to_string)
    }

    pub(super) fn new(tool: &Tool, problems: &mut Vec<String>) -> Self {
        let mut generator = output_generator();
        let schema = (tool.output)(&mut generator).map(|mut schema| {
            let schema = std::mem::take(schema.ensure_object());
            if tool.lists { list_of(schema) } else { schema }
        });
        let shape = schema.as_ref().map_or(Shape::Value, Shape::of);
        let wanted = tool.output_schema && matches!(shape, Shape::Object | Shape::Value);
        let Some(mut schema) = schema.filter(|schema| wanted && !schema.is_empty()) else {
            let unsaid = shape == Shape::Value;
            return Self {
                shape: if unsaid { Shape::Unsaid } else { shape },
                schema: None,
                validator: None,
            };
        };
        let definitions = generator.take_definitions(true);
        if !definitions.is_empty() {
            schema.insert("$defs".into(), definitions.into());
        }
        bounded(&mut schema);
        let schema = advertised(schema);
        let validator = Validator::of_any(Arc::new(schema.clone().into()));
        let validator = validator
            .map_err(|problem| problems.push(format!("its output schema is not usable: {problem}")))
            .ok();
        Self {
            shape,
            schema: Some(Arc::new(schema)),
            validator,
        }
    }
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(holds_null),
        Value::Object(fields) => fields.values().any(holds_null),
        _ => false,
    }
}

fn list_of(item: Map<String, Value>) -> Map<String, Value> {
    let mut list = Map::new();
    list.insert("type".into(), "array".into());
    list.insert("items".into(), item.into());
    list
}

impl Shape {
    pub(super) fn of(schema: &Map<String, Value>) -> Self {
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => Self::Text,
            Some("null") => Self::Nothing,
            Some("object") => Self::Object,
            _ => Self::Value,
        }
    }
}
