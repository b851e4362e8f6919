//! The parameters of a request, read strictly, field by field.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::{
    json::{self, Strict},
    known::{Meta, ReadMeta},
};

/// Parameters, as far as they are read.
#[derive(Debug)]
pub(crate) enum Given<'a> {
    /// They are an object, and nothing is wrong with it.
    Fields(Box<Fields<'a>>),
    /// They are JSON, nothing more is known.
    Text(&'a RawValue),
    Nothing,
}

/// The fields of the parameters. Those that a call has stand for themselves, which costs it no map and no keys.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a> {
    name: Option<Value>,
    uri: Option<Value>,
    arguments: Option<Value>,
    pub(super) meta: Option<Meta<'a>>,
    others: Map<String, Value>,
}

impl<'a> Given<'a> {
    /// The fields; `null` is as good as nothing, and `None` stands for anything else that is no object.
    pub(super) fn fields(self) -> serde_json::Result<Option<Box<Fields<'a>>>> {
        match self {
            Self::Fields(fields) => Ok(Some(fields)),
            Self::Nothing => Ok(Some(Box::default())),
            Self::Text(text) if text.get().starts_with('{') => {
                json::read_as(ReadFields, text.get()).map(Some)
            }
            Self::Text(text) => {
                let value = json::read(text.get())?;
                Ok(value.is_null().then(Box::default))
            }
        }
    }
}

impl Fields<'_> {
    /// A field, once.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
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

/// Reads an object. The fields are boxed, because they are large and handed on a few times.
pub(super) struct ReadFields;

impl<'de> DeserializeSeed<'de> for ReadFields {
    type Value = Box<Fields<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ReadFields {
    type Value = Box<Fields<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut fields = Box::<Fields<'_>>::default();
        while let Some(key) = object.next_key()? {
            let (name, slot) = match key {
                Key::Name => ("name", &mut fields.name),
                Key::Uri => ("uri", &mut fields.uri),
                Key::Arguments => ("arguments", &mut fields.arguments),
                Key::Meta => {
                    let meta = object.next_value_seed(ReadMeta)?;
                    if fields.meta.replace(meta).is_some() {
                        return Err(json::twice("_meta"));
                    }
                    continue;
                }
                Key::Other(key) => {
                    json::insert(&mut fields.others, key, &mut object)?;
                    continue;
                }
            };
            if slot.replace(object.next_value_seed(Strict)?).is_some() {
                return Err(json::twice(name));
            }
        }
        Ok(fields)
    }
}
