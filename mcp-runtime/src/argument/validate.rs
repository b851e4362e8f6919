//! shim
use super::problem::Problem;
use serde_json::{Map, Value, json};
#[derive(Debug)]
pub(crate) struct Validator {
    v: jsonschema::Validator,
    schema: Value,
}
impl Validator {
    pub(crate) fn new(schema: &Map<String, Value>) -> Result<Self, String> {
        let schema = Value::Object(schema.clone());
        let v = jsonschema::options()
            .build(&schema)
            .map_err(|e| e.to_string())?;
        Ok(Self { v, schema })
    }
    pub(crate) fn for_output(schema: &Map<String, Value>) -> Result<Self, String> {
        Self::new(schema)
    }
    pub(crate) fn schema(&self) -> &Value {
        &self.schema
    }
    pub(crate) fn check(&self, a: &Value) -> Result<(), Vec<Problem>> {
        if self.v.is_valid(a) {
            Ok(())
        } else {
            Err(vec![Problem::text("bad")])
        }
    }
    pub(crate) fn problem(&self, a: &Value) -> Option<String> {
        self.v.validate(a).err().map(|e| e.to_string())
    }
}
pub(crate) fn coerce(_s: &Value, _a: &mut Value) {}
pub(crate) fn integral_floats(_a: &mut Value) -> bool {
    false
}
pub(crate) fn from_strings(_s: &Value, a: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(a.into_iter().collect())
}
pub(crate) fn closest<'a>(_w: &str, c: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    c.into_iter().next()
}
pub(crate) fn invalid_arguments(
    name: &str,
    problems: &[Problem],
    _schema: &Value,
) -> (String, Value) {
    (format!("bad {name} {problems:?}"), json!({}))
}
