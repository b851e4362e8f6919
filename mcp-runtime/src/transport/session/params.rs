//! The parameters of a request, taken out one by one.

use std::sync::Arc;

use rmcp::model::{ErrorData, MetaObject, RequestMetaObject};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::super::{
    fields::{Fields, Given},
    known::Told,
};
use crate::{Service, context::Client, refusal};

/// The parameters of a request.
#[derive(Debug)]
pub(super) struct Params<'a> {
    pub(super) method: &'a str,
    fields: Box<Fields<'a>>,
    /// What the client says about itself in `_meta`.
    pub(super) told: Told<'a>,
    /// The client, if it has said the same before; then `_meta` lacks what it says about itself but the revision.
    pub(super) known: Option<Arc<Client>>,
}

impl<'a> Params<'a> {
    /// Reads parameters; `null` is as good as none. The client is one of those that the service has seen last, or a new one.
    pub(super) fn read(
        service: &Service,
        method: &'a str,
        given: Given<'a>,
    ) -> Result<Self, ErrorData> {
        let unreadable = |error| unreadable(method, &error);
        let Some(fields) = given.fields().map_err(unreadable)? else {
            return Err(refusal::params(method, "they must be an object"));
        };
        let mut params = Self {
            method,
            fields,
            told: Told::default(),
            known: None,
        };
        if let Some(Some((entries, told))) = &mut params.fields.meta {
            params.told = *told;
            let last = &service.parts().last_client;
            params.known = told.add_to(entries, last).map_err(unreadable)?;
        }
        Ok(params)
    }

    /// The metadata, once.
    pub(super) fn meta(&mut self) -> RequestMetaObject {
        let meta = self.fields.meta.take().flatten();
        let entries = meta.map(|(entries, _)| entries);
        RequestMetaObject(MetaObject(entries.unwrap_or_default()))
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<String, ErrorData> {
        self.string(name)?
            .ok_or_else(|| self.wrong(name, "is missing"))
    }

    /// A text that may be left out.
    pub(super) fn string(&mut self, name: &str) -> Result<Option<String>, ErrorData> {
        match self.fields.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "must be a string")),
        }
    }

    /// An object that may be left out.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Map<String, Value>>, ErrorData> {
        match self.fields.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(self.wrong(name, "must be an object")),
        }
    }

    /// All of them, as a type of the protocol.
    pub(super) fn into<T: DeserializeOwned>(self) -> Result<T, ErrorData> {
        serde_json::from_value((*self.fields).into())
            .map_err(|error| refusal::params(self.method, &problem(&error)))
    }

    fn wrong(&self, name: &str, problem: &str) -> ErrorData {
        refusal::params(self.method, &format!("`{name}` {problem}"))
    }
}

fn unreadable(method: &str, error: &serde_json::Error) -> ErrorData {
    if error.is_data() {
        return refusal::params(method, &problem(error));
    }
    let problem = format!("`params` cannot be read: {}", problem(error));
    ErrorData::parse_error(problem, None)
}

/// What is wrong, without the place: it counts from the start of the parameters, which nobody sees.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((problem, _)) => problem.to_owned(),
        None => text,
    }
}
