//! The client that asked last. Where there are no sessions, what a client says about itself comes with every request, and
//! most of the time it is what was said before: then it is not read again.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::RequestMetaObject;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::json;
use crate::context::Client;

/// The keys of `_meta` under which a client says which revision it speaks, who it is and what it can do.
const KEYS: [&str; 3] = [
    "io.modelcontextprotocol/protocolVersion",
    "io.modelcontextprotocol/clientInfo",
    "io.modelcontextprotocol/clientCapabilities",
];

/// The longest text that is remembered, in bytes.
const LONGEST: usize = 4096;

/// The client that asked last.
#[derive(Debug, Default)]
pub(crate) struct LastClient(Mutex<Option<Known>>);

#[derive(Debug)]
struct Known {
    told: [Option<Box<RawValue>>; 3],
    client: Arc<Client>,
}

/// What a client says about itself, as it was written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told<'a>([Option<&'a RawValue>; 3]);

impl LastClient {
    fn recall(&self, told: &Told<'_>) -> Option<Arc<Client>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = last.as_ref()?;
        let same =
            known.told.iter().zip(told.0).all(|(known, told)| {
                known.as_deref().map(RawValue::get) == told.map(RawValue::get)
            });
        same.then(|| Arc::clone(&known.client))
    }

    /// Remembers the client that said this.
    pub(super) fn remember(&self, told: &Told<'_>, client: &Arc<Client>) {
        let told = told.0.map(|text| text.map(ToOwned::to_owned));
        let length = told.iter().flatten().map(|text| text.get().len());
        if length.sum::<usize>() <= LONGEST {
            let client = Arc::clone(client);
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *last = Some(Known { told, client });
        }
    }
}

impl Told<'_> {
    /// Adds to the other entries of `_meta` what was said; if it was said before, only the revision.
    pub(super) fn add_to(
        &self,
        meta: &mut Map<String, Value>,
        last: &LastClient,
    ) -> serde_json::Result<Option<Arc<Client>>> {
        let known = self.0[0].and_then(|_| last.recall(self));
        let count = if known.is_some() { 1 } else { KEYS.len() };
        for (key, text) in KEYS.iter().zip(self.0).take(count) {
            if let Some(text) = text {
                meta.insert((*key).to_owned(), json::read(text.get())?);
            }
        }
        Ok(known)
    }
}

/// The entries of `_meta` in which a client says who it is and what it can do.
pub(super) fn about_client(meta: &RequestMetaObject) -> Map<String, Value> {
    let entries = KEYS[1..].iter();
    let entries = entries.filter_map(|key| Some(((*key).to_owned(), meta.get(*key)?.clone())));
    entries.collect()
}

/// Reads `_meta`: an object, or `null`, which is as good as none.
pub(super) struct ReadMeta;

/// `_meta` without what a client says about itself, and that.
pub(super) type Meta<'a> = Option<(Map<String, Value>, Told<'a>)>;

#[derive(Deserialize)]
#[serde(field_identifier)]
enum Key {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    Version,
    #[serde(rename = "io.modelcontextprotocol/clientInfo")]
    Info,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities")]
    Capabilities,
    Other(String),
}

impl<'de> DeserializeSeed<'de> for ReadMeta {
    type Value = Meta<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Meta<'de>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for ReadMeta {
    type Value = Meta<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("`_meta` to be an object")
    }

    fn visit_unit<E>(self) -> Result<Meta<'de>, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Meta<'de>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Meta<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Meta<'de>, A::Error> {
        let (mut entries, mut told) = (Map::new(), Told::default());
        while let Some(key) = object.next_key()? {
            let slot = match key {
                Key::Version => 0,
                Key::Info => 1,
                Key::Capabilities => 2,
                Key::Other(key) => {
                    json::insert(&mut entries, key, &mut object)?;
                    continue;
                }
            };
            if told.0[slot].replace(object.next_value()?).is_some() {
                return Err(json::twice(KEYS[slot]));
            }
        }
        Ok(Some((entries, told)))
    }
}
