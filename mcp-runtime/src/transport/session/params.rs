//! The parameters of a request, taken out one by one.

use rmcp::model::ErrorData;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, value::RawValue};

use super::super::json;
use crate::refusal;

/// The parameters of a request.
#[derive(Debug)]
pub(super) struct Params<'a> {
    pub(super) method: &'a str,
    fields: Map<String, Value>,
}

impl<'a> Params<'a> {
    /// Reads parameters; `null` is as good as none.
    pub(super) fn read(method: &'a str, params: Option<&RawValue>) -> Result<Self, ErrorData> {
        let value = params.map_or(Ok(Value::Null), |params| json::read(params.get()));
        let fields = match value {
            Ok(Value::Null) => Map::new(),
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(refusal::params(method, "they must be an object")),
            Err(error) if error.is_data() => {
                return Err(refusal::params(method, &problem(&error)));
            }
            Err(error) => {
                let problem = format!("`params` cannot be read: {}", problem(&error));
                return Err(ErrorData::parse_error(problem, None));
            }
        };
        Ok(Self { method, fields })
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<String, ErrorData> {
        self.string(name)?
            .ok_or_else(|| self.wrong(name, "is missing"))
    }

    /// A text that may be left out.
    pub(super) fn string(&mut self, name: &str) -> Result<Option<String>, ErrorData> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "must be a string")),
        }
    }

    /// An object that may be left out.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Map<String, Value>>, ErrorData> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(self.wrong(name, "must be an object")),
        }
    }

    /// All of them, as a type of the protocol.
    pub(super) fn into<T: DeserializeOwned>(self) -> Result<T, ErrorData> {
        serde_json::from_value(Value::Object(self.fields))
            .map_err(|error| refusal::params(self.method, &problem(&error)))
    }

    fn wrong(&self, name: &str, problem: &str) -> ErrorData {
        refusal::params(self.method, &format!("`{name}` {problem}"))
    }
}

/// What is wrong, without the place: it counts from the start of the parameters, which nobody sees.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((problem, _)) => problem.to_owned(),
        None => text,
    }
}
