//! The lines that answer requests.

use rmcp::model::{ErrorData, RequestId};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, value::RawValue};

use crate::compat::{self, CacheHints};

/// How many bytes there is room for in a line of which nothing is known.
const ROOM: usize = 256;

/// The answer with a result.
pub(super) fn result(id: &RequestId, result: &impl Serialize) -> Vec<u8> {
    roomy(id, result, ROOM)
}

/// The answer with the page of a list.
pub(super) fn list(id: &RequestId, list: &List<'_>) -> Vec<u8> {
    let texts = list.texts.iter().map(|text| text.get().len() + 1);
    roomy(id, list, ROOM + texts.sum::<usize>())
}

fn roomy(id: &RequestId, result: &impl Serialize, room: usize) -> Vec<u8> {
    let success = Success {
        jsonrpc: "2.0",
        id,
        result,
    };
    write(&success, room).unwrap_or_else(|problem| {
        tracing::error!(%id, %problem, "a result has no JSON form");
        error(Some(id), &unwritable())
    })
}

/// The answer with an error; without an id if it is not known which request it answers.
pub(super) fn error(id: Option<&RequestId>, error: &ErrorData) -> Vec<u8> {
    let failure = Failure {
        jsonrpc: "2.0",
        id,
        error,
    };
    // Its fields are text, a number and JSON.
    line(&failure).unwrap_or_default()
}

/// One message, with the end of its line.
pub(super) fn line(message: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    write(message, ROOM)
}

fn write(message: &impl Serialize, room: usize) -> serde_json::Result<Vec<u8>> {
    let mut line = Vec::with_capacity(room);
    serde_json::to_writer(&mut line, message)?;
    line.push(b'\n');
    Ok(line)
}

/// The page of a list, from definitions that were rendered when the server was built.
pub(super) struct List<'a> {
    /// The name of the list in the result.
    pub(super) key: &'static str,
    pub(super) texts: Vec<&'a RawValue>,
    pub(super) next: Option<String>,
    /// How long the list may be kept, and the identity of the server, for revisions without sessions.
    pub(super) modern: Option<(CacheHints, &'a Value)>,
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.key, &self.texts)?;
        if let Some(next) = &self.next {
            map.serialize_entry("nextCursor", next)?;
        }
        if let Some((hints, server)) = self.modern {
            map.serialize_entry("resultType", "complete")?;
            map.serialize_entry("ttlMs", &hints.ttl_ms)?;
            map.serialize_entry("cacheScope", &hints.scope)?;
            map.serialize_entry("_meta", &Identity { server })?;
        }
        map.end()
    }
}

struct Identity<'a> {
    server: &'a Value,
}

impl Serialize for Identity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(compat::SERVER_INFO, self.server)])
    }
}

#[derive(Serialize)]
struct Success<'a, R> {
    jsonrpc: &'static str,
    id: &'a RequestId,
    result: &'a R,
}

#[derive(Serialize)]
struct Failure<'a> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RequestId>,
    error: &'a ErrorData,
}

fn unwritable() -> ErrorData {
    ErrorData::internal_error("the result has no JSON form", None)
}
