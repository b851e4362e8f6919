//! The form of an elicitation, made from a Rust type: one flat object of texts, numbers, switches and choices, because
//! that is all that clients have to show.
//!
//! What else the schema of the type says, such as a pattern, is not shown; the answer is checked against all of it.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::argument::{Validator, bounded, generator, integral_floats, strip_null};

/// The formats of texts that clients know.
const FORMATS: [&str; 4] = ["email", "uri", "date", "date-time"];

/// A form.
#[derive(Debug)]
pub(super) struct Form {
    /// As clients see it.
    pub(super) requested: Map<String, Value>,
    /// The whole schema of the type.
    full: Map<String, Value>,
}

impl Form {
    /// The form for a type: a struct with named fields, or `()`, which asks for nothing but consent.
    ///
    /// # Errors
    ///
    /// Names the field that no form can have.
    pub(super) fn of<T: JsonSchema>() -> Result<Self, String> {
        let mut schema = generator().into_root_schema_for::<T>();
        let mut full = std::mem::take(schema.ensure_object());
        bounded(&mut full);
        let mut fields = Map::new();
        let name = std::any::type_name::<T>();
        match full.get("type").and_then(Value::as_str) {
            Some("null") => {}
            Some("object") => {
                let properties = full.get("properties").and_then(Value::as_object);
                for (field, schema) in properties.into_iter().flatten() {
                    let shown = shown(schema)
                        .map_err(|problem| format!("the field `{field}` of `{name}` {problem}"))?;
                    fields.insert(field.clone(), shown.into());
                }
            }
            _ => {
                return Err(format!(
                    "`{name}` is no form: take a struct with named fields"
                ));
            }
        }
        let mut requested = Map::new();
        requested.insert("type".into(), "object".into());
        requested.insert("properties".into(), fields.into());
        requested.extend(
            full.get("required")
                .map(|names| ("required".into(), names.clone())),
        );
        Ok(Self { requested, full })
    }

    /// Reads what the user filled in; `None` if it does not fit the type.
    pub(super) fn read<T: DeserializeOwned>(&self, mut content: Value) -> Option<T> {
        if self.full.get("type") == Some(&json!("null")) {
            content = Value::Null;
        }
        integral_floats(&mut content);
        // A schema that does not compile is told to the author when the answer is read, by asking in vain.
        let validator = Validator::of_any(&self.full)
            .map_err(|problem| tracing::error!(problem, "the schema of a form"))
            .ok()?;
        if let Err(problems) = validator.check(&content) {
            tracing::debug!(?problems, "an answer that does not fit its form");
            return None;
        }
        serde_json::from_value(content)
            .map_err(|error| tracing::debug!(%error, "an answer that cannot be read"))
            .ok()
    }
}

/// A field as clients see it, or why it cannot be one.
fn shown(schema: &Value) -> Result<Map<String, Value>, String> {
    let Value::Object(schema) = schema else {
        return Err("may be anything: a form has texts, numbers, switches and choices".into());
    };
    let mut schema = schema.clone();
    strip_null(&mut schema);
    if schema.get("format") == Some(&json!("password")) {
        return Err("is a secret, which no form may ask for: use `elicit_url`".into());
    }
    if let Some(choices) = Choices::of(&schema)? {
        return Ok(choices.single(&schema));
    }
    let kind = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match kind {
        "string" => Ok(text(&schema)),
        "integer" | "number" => Ok(number(kind, &schema)),
        "boolean" => Ok(pick(kind, &schema, &[])),
        "array" => {
            let items = schema.get("items").and_then(Value::as_object);
            let choices = items.map(Choices::of).transpose()?.flatten();
            let choices = choices
                .ok_or("is a list of something else than choices: make its items an enum")?;
            Ok(choices.several(&schema))
        }
        "object" => Err("has fields of its own: a form is flat".into()),
        _ => Err("is no text, number, switch or choice".into()),
    }
}

fn text(schema: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = pick("string", schema, &["minLength", "maxLength"]);
    let format = schema.get("format").and_then(Value::as_str);
    if let Some(format) = format.filter(|format| FORMATS.contains(format)) {
        shown.insert("format".into(), format.into());
    }
    shown
}

fn number(kind: &str, schema: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = pick(kind, schema, &["minimum", "maximum"]);
    let mut bound = |keyword: &str, exclusive: &str, step: i64| {
        let Some(bound) = schema.get(exclusive) else {
            return;
        };
        let inside = bound.as_i64().filter(|_| kind == "integer");
        let bound = inside.map_or_else(|| bound.clone(), |bound| bound.saturating_add(step).into());
        shown.entry(keyword).or_insert(bound);
    };
    bound("minimum", "exclusiveMinimum", 1);
    bound("maximum", "exclusiveMaximum", -1);
    shown
}

/// The keywords that every field may have, and `others`.
fn pick(kind: &str, schema: &Map<String, Value>, others: &[&str]) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("type".into(), kind.into());
    let keywords = ["title", "description"]
        .iter()
        .chain(others)
        .chain(&["default"]);
    for keyword in keywords {
        if let Some(value) = schema.get(*keyword) {
            shown.insert((*keyword).into(), value.clone());
        }
    }
    shown
}

/// The texts that one can choose from, each with its title.
struct Choices(Vec<(String, Option<String>)>);

impl Choices {
    /// The choices of a schema, if it is one of choices.
    fn of(schema: &Map<String, Value>) -> Result<Option<Self>, String> {
        const KEYWORDS: [&str; 5] = ["const", "enum", "oneOf", "anyOf", "$ref"];
        if !KEYWORDS.iter().any(|keyword| schema.contains_key(*keyword)) {
            return Ok(None);
        }
        let mut choices = Vec::new();
        collect(schema, &mut choices).ok_or(
            "has choices that are no plain texts: take an enum whose variants have no fields",
        )?;
        Ok(Some(Self(choices)))
    }

    fn single(&self, schema: &Map<String, Value>) -> Map<String, Value> {
        let names = schema.get("enumNames").filter(|names| {
            names
                .as_array()
                .is_some_and(|names| names.len() == self.0.len())
        });
        let mut shown = pick("string", schema, &[]);
        if let Some(names) = names {
            shown.insert("enum".into(), self.values());
            shown.insert("enumNames".into(), names.clone());
        } else if self.has_titles() {
            shown.insert("oneOf".into(), self.titled());
        } else {
            shown.insert("enum".into(), self.values());
        }
        shown
    }

    fn several(&self, schema: &Map<String, Value>) -> Map<String, Value> {
        let mut shown = pick("array", schema, &["minItems", "maxItems"]);
        let items = if self.has_titles() {
            json!({ "anyOf": self.titled() })
        } else {
            json!({ "type": "string", "enum": self.values() })
        };
        shown.insert("items".into(), items);
        shown
    }

    fn has_titles(&self) -> bool {
        self.0.iter().any(|(_, title)| title.is_some())
    }

    fn values(&self) -> Value {
        self.0.iter().map(|(value, _)| value.as_str()).collect()
    }

    fn titled(&self) -> Value {
        let titled = |(value, title): &(String, Option<String>)| json!({ "const": value, "title": title.as_ref().unwrap_or(value) });
        self.0.iter().map(titled).collect()
    }
}

/// Collects the choices of a schema and of its alternatives; `None` if something else can be chosen, too.
fn collect(schema: &Map<String, Value>, choices: &mut Vec<(String, Option<String>)>) -> Option<()> {
    if let Some(value) = schema.get("const") {
        let title = schema.get("title").or_else(|| schema.get("description"));
        let title = title.and_then(Value::as_str).map(ToOwned::to_owned);
        choices.push((value.as_str()?.to_owned(), title));
        return Some(());
    }
    if let Some(values) = schema.get("enum") {
        for value in values.as_array()? {
            choices.push((value.as_str()?.to_owned(), None));
        }
        return Some(());
    }
    let branches = schema.get("oneOf").or_else(|| schema.get("anyOf"))?;
    branches
        .as_array()?
        .iter()
        .try_for_each(|branch| collect(branch.as_object()?, choices))
}
