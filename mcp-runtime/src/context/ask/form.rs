//! The form of an elicitation, made from a Rust type: one flat object of texts, numbers, switches and choices, because
//! that is all that clients have to show.
//!
//! What else the schema of the type says, such as a pattern, is not shown; the answer is checked against all of it.

use std::sync::Arc;

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
            return serde_json::from_value(Value::Null).ok();
        }
        integral_floats(&mut content);
        // A schema that does not compile is told to the author when the answer is read, by asking in vain.
        let validator = Validator::of_any(Arc::new(self.full.clone().into()))
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

/// Whether clients have a form for a type; if not, why.
pub(crate) fn check_form<T: JsonSchema>() -> Result<(), String> {
    Form::of::<T>().map(drop)
}

/// A field as clients see it, or why it cannot be one.
fn shown(schema: &Value) -> Result<Map<String, Value>, String> {
    let Value::Object(schema) = schema else {
        return Err("may be anything: a form has texts, numbers, switches and choices".into());
    };
    let mut schema = schema.clone();
    strip_null(&mut schema);
    if schema.contains_key("$ref") {
        return Err("is of a type that holds itself: a form is flat".into());
    }
    let is_secret = schema.get("writeOnly") == Some(&json!(true));
    if is_secret || schema.get("format") == Some(&json!("password")) {
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
        const KEYWORDS: [&str; 4] = ["const", "enum", "oneOf", "anyOf"];
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::context::ask::{InputRequest, input_request};

    fn requested<T: JsonSchema>() -> Value {
        Form::of::<T>().unwrap().requested.into()
    }

    fn fields<T: JsonSchema>() -> Value {
        requested::<T>()["properties"].clone()
    }

    fn refused<T: JsonSchema>() -> String {
        Form::of::<T>().unwrap_err()
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Status {
        Active,
        Inactive,
    }

    /// How it comes.
    #[derive(Deserialize, JsonSchema)]
    enum Way {
        /// By train
        Train,
        #[schemars(title = "By plane", description = "in the air")]
        Plane,
        Foot,
    }

    fn active() -> Status {
        Status::Active
    }

    impl serde::Serialize for Status {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str("active")
        }
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only the schema counts")]
    struct Texts {
        /// As in the passport.
        #[schemars(title = "Full name", length(min = 1, max = 80))]
        name: String,
        #[schemars(email)]
        email: Option<String>,
        #[schemars(url)]
        page: String,
        #[schemars(extend("format" = "date"))]
        born: String,
        #[schemars(extend("format" = "date-time"))]
        at: String,
        #[schemars(extend("format" = "uuid"), regex(pattern = "^a"))]
        id: String,
        #[serde(default)]
        note: String,
        letter: char,
    }

    #[test]
    fn texts_have_their_length_and_a_format_that_clients_know() {
        let expected = json!({
            "type": "object",
            "properties": {
                "name": {
                    "type": "string", "title": "Full name", "description": "As in the passport.",
                    "minLength": 1, "maxLength": 80,
                },
                "email": { "type": "string", "format": "email" },
                "page": { "type": "string", "format": "uri" },
                "born": { "type": "string", "format": "date" },
                "at": { "type": "string", "format": "date-time" },
                "id": { "type": "string" },
                "note": { "type": "string", "default": "" },
                "letter": { "type": "string", "minLength": 1, "maxLength": 1 },
            },
            "required": ["name", "page", "born", "at", "id", "letter"],
        });
        assert_eq!(requested::<Texts>(), expected);
    }

    fn thirty() -> i32 {
        30
    }

    fn score() -> f64 {
        95.5
    }

    fn yes() -> bool {
        true
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only the schema counts")]
    struct Numbers {
        #[serde(default = "thirty")]
        age: i32,
        #[serde(default = "score")]
        score: f64,
        #[serde(default = "yes")]
        verified: bool,
        small: u8,
        large: u64,
        #[schemars(range(min = 1, max = 9))]
        some: Option<i64>,
        #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 10))]
        inside: i64,
        #[schemars(extend("exclusiveMinimum" = 0.5))]
        above: f32,
    }

    #[test]
    fn numbers_have_bounds_and_defaults() {
        let expected = json!({
            "age": { "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX, "default": 30 },
            "score": { "type": "number", "default": 95.5 },
            "verified": { "type": "boolean", "default": true },
            "small": { "type": "integer", "minimum": 0, "maximum": 255 },
            "large": { "type": "integer", "minimum": 0 },
            "some": { "type": "integer", "minimum": 1, "maximum": 9 },
            "inside": { "type": "integer", "minimum": 1, "maximum": 9 },
            "above": { "type": "number", "minimum": 0.5 },
        });
        assert_eq!(fields::<Numbers>(), expected);
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only the schema counts")]
    struct ManyChoices {
        #[serde(default = "active")]
        status: Status,
        way: Way,
        maybe: Option<Way>,
        optional: Option<Status>,
        /// What suits you.
        #[schemars(extend("enumNames" = ["Option One", "Option Two"]))]
        legacy: Status,
        #[schemars(extend("enumNames" = ["only one of two"]))]
        wrong: Status,
        #[schemars(length(min = 1, max = 2))]
        several: Vec<Status>,
        ways: Vec<Way>,
    }

    #[test]
    fn choices_come_in_five_forms() {
        let fields = fields::<ManyChoices>();
        let shown = |field: &str| fields[field].clone();
        let status = json!(["active", "inactive"]);
        // schemars puts variants that are not documented before those that are.
        let ways = json!([
            { "const": "Foot", "title": "Foot" },
            { "const": "Train", "title": "By train" },
            { "const": "Plane", "title": "By plane" },
        ]);
        assert_eq!(
            shown("status"),
            json!({ "type": "string", "default": "active", "enum": status })
        );
        let way = json!({ "type": "string", "description": "How it comes.", "oneOf": ways });
        assert_eq!(shown("way"), way);
        assert_eq!(shown("maybe"), way);
        assert_eq!(
            shown("optional"),
            json!({ "type": "string", "enum": status })
        );
        let legacy = json!({
            "type": "string", "description": "What suits you.",
            "enum": status, "enumNames": ["Option One", "Option Two"],
        });
        assert_eq!(shown("legacy"), legacy);
        assert_eq!(shown("wrong"), json!({ "type": "string", "enum": status }));
        let several = json!({
            "type": "array", "minItems": 1, "maxItems": 2,
            "items": { "type": "string", "enum": status },
        });
        assert_eq!(shown("several"), several);
        assert_eq!(
            shown("ways"),
            json!({ "type": "array", "items": { "anyOf": ways } })
        );
    }

    #[test]
    fn rmcp_sends_every_form_as_it_is() {
        for requested in [
            requested::<Texts>(),
            requested::<Numbers>(),
            requested::<ManyChoices>(),
            requested::<()>(),
        ] {
            let params = json!({ "message": "?", "mode": "form", "requestedSchema": requested });
            let request = InputRequest::new("elicitation/create", params);
            let sent = serde_json::to_value(input_request(&request).unwrap()).unwrap();
            assert_eq!(sent["params"]["requestedSchema"], requested);
        }
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only the schema counts")]
    struct Nested {
        name: String,
        inner: Texts,
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only the schema counts")]
    struct Recursive {
        next: Option<Box<Recursive>>,
    }

    macro_rules! one_field {
        ($($name:ident: $type:ty),+) => { $(
            #[derive(Deserialize, JsonSchema)]
            #[expect(dead_code, reason = "only the schema counts")]
            struct $name {
                field: $type,
            }
        )+ };
    }

    one_field! {
        ManyTexts: Vec<String>,
        Anything: Value,
        Entries: std::collections::BTreeMap<String, String>,
        Pair: (u8, u8),
        Either: Result<u8, String>
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only the schema counts")]
    struct Secret {
        #[schemars(extend("format" = "password"))]
        password: String,
    }

    #[test]
    fn what_no_form_can_have_is_named() {
        let name = std::any::type_name::<Nested>();
        assert_eq!(
            refused::<Nested>(),
            format!("the field `inner` of `{name}` has fields of its own: a form is flat")
        );
        for (problem, refused) in [
            ("something else than choices", refused::<ManyTexts>()),
            ("may be anything", refused::<Anything>()),
            ("fields of its own", refused::<Entries>()),
            ("something else than choices", refused::<Pair>()),
            ("no plain texts", refused::<Either>()),
            ("holds itself", refused::<Recursive>()),
            ("a secret", refused::<Secret>()),
        ] {
            assert!(refused.contains(problem), "{refused}");
            assert!(refused.contains("the field `"), "{refused}");
        }
        for refused in [
            refused::<String>(),
            refused::<Vec<u8>>(),
            refused::<Status>(),
            refused::<Value>(),
        ] {
            assert!(refused.contains("is no form"), "{refused}");
        }
    }

    #[test]
    fn nothing_at_all_is_an_empty_form() {
        #[derive(Deserialize, JsonSchema)]
        struct Empty {}
        let empty = json!({ "type": "object", "properties": {} });
        assert_eq!(requested::<()>(), empty);
        assert_eq!(requested::<Empty>(), empty);
        let read = |content: Value| Form::of::<()>().unwrap().read::<()>(content);
        assert_eq!(read(json!({})), Some(()));
        assert_eq!(read(json!({ "more": 1 })), Some(()));
        let form = Form::of::<Empty>().unwrap();
        assert!(form.read::<Empty>(json!({})).is_some());
        assert!(form.read::<Empty>(json!([])).is_none());
    }

    #[test]
    fn an_answer_is_checked_against_all_that_the_type_says() {
        #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
        struct Code {
            #[schemars(regex(pattern = "^[0-9]{3}$"))]
            code: String,
            times: Option<u8>,
        }
        let form = Form::of::<Code>().unwrap();
        let code = |times| Code {
            code: "123".into(),
            times,
        };
        let read = |content: Value| form.read::<Code>(content);
        assert_eq!(read(json!({ "code": "123" })), Some(code(None)));
        assert_eq!(
            read(json!({ "code": "123", "times": null })),
            Some(code(None))
        );
        assert_eq!(
            read(json!({ "code": "123", "times": 2.0, "more": 1 })),
            Some(code(Some(2)))
        );
        for wrong in [
            json!({ "code": "12" }),
            json!({ "code": 123 }),
            json!({ "code": "123", "times": 300 }),
            json!({ "code": "123", "times": "2" }),
            json!({}),
            json!(null),
        ] {
            assert_eq!(read(wrong.clone()), None, "{wrong}");
        }
    }
}
