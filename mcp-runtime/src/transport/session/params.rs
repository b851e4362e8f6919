//! The parameters of a request, taken out one by one.

use std::{fmt, sync::Arc};

use rmcp::model::{ErrorData, MetaObject, RequestMetaObject};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::super::{
    json::{self, Strict},
    known::{Meta, ReadMeta, Told},
};
use crate::{Service, context::Client, refusal};

/// The parameters of a request.
#[derive(Debug)]
pub(super) struct Params<'a> {
    pub(super) method: &'a str,
    fields: Fields<'a>,
    /// What the client says about itself in `_meta`.
    pub(super) told: Told<'a>,
    /// The client, if it has said the same before; then `_meta` lacks what it says about itself but the revision.
    pub(super) known: Option<Arc<Client>>,
}

/// The fields of the parameters. Those that a call has stand for themselves, which costs it no map and no keys.
#[derive(Debug, Default)]
struct Fields<'a> {
    name: Option<Value>,
    uri: Option<Value>,
    arguments: Option<Value>,
    meta: Option<Meta<'a>>,
    others: Map<String, Value>,
}

impl<'a> Params<'a> {
    /// Reads parameters; `null` is as good as none. The client is one of those that the service has seen last, or a new one.
    pub(super) fn read(
        service: &Service,
        method: &'a str,
        params: Option<&'a RawValue>,
    ) -> Result<Self, ErrorData> {
        let text = params.map_or("null", RawValue::get);
        let fields = if text.starts_with('{') {
            json::read_as(Fields::default(), text)
        } else {
            match json::read(text) {
                Ok(Value::Null) => Ok(Fields::default()),
                Ok(_) => return Err(refusal::params(method, "they must be an object")),
                Err(error) => Err(error),
            }
        };
        let read = fields.and_then(|mut fields| {
            let (mut told, mut known) = (Told::default(), None);
            if let Some(Some((entries, about))) = &mut fields.meta {
                told = *about;
                known = told.add_to(entries, &service.parts().last_client)?;
            }
            Ok(Self {
                method,
                fields,
                told,
                known,
            })
        });
        read.map_err(|error| {
            if error.is_data() {
                return refusal::params(method, &problem(&error));
            }
            let problem = format!("`params` cannot be read: {}", problem(&error));
            ErrorData::parse_error(problem, None)
        })
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
        serde_json::from_value(self.fields.into())
            .map_err(|error| refusal::params(self.method, &problem(&error)))
    }

    fn wrong(&self, name: &str, problem: &str) -> ErrorData {
        refusal::params(self.method, &format!("`{name}` {problem}"))
    }
}

impl Fields<'_> {
    fn take(&mut self, name: &str) -> Option<Value> {
        match name {
            "name" => self.name.take(),
            "uri" => self.uri.take(),
            "arguments" => self.arguments.take(),
            other => self.others.remove(other),
        }
    }
}

impl From<Fields<'_>> for Value {
    fn from(fields: Fields<'_>) -> Self {
        let mut all = fields.others;
        let known = [
            ("name", fields.name),
            ("uri", fields.uri),
            ("arguments", fields.arguments),
        ];
        for (name, value) in known {
            all.extend(value.map(|value| (name.to_owned(), value)));
        }
        Self::Object(all)
    }
}

/// The name of a field.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Name,
    Uri,
    Arguments,
    #[serde(rename = "_meta")]
    Meta,
    Other(String),
}

impl<'de> DeserializeSeed<'de> for Fields<'de> {
    type Value = Self;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'de> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Self, A::Error> {
        while let Some(key) = object.next_key()? {
            let (name, slot) = match key {
                Key::Name => ("name", &mut self.name),
                Key::Uri => ("uri", &mut self.uri),
                Key::Arguments => ("arguments", &mut self.arguments),
                Key::Meta => {
                    if self
                        .meta
                        .replace(object.next_value_seed(ReadMeta)?)
                        .is_some()
                    {
                        return Err(json::twice("_meta"));
                    }
                    continue;
                }
                Key::Other(key) => {
                    json::insert(&mut self.others, key, &mut object)?;
                    continue;
                }
            };
            if slot.replace(object.next_value_seed(Strict)?).is_some() {
                return Err(json::twice(name));
            }
        }
        Ok(self)
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
