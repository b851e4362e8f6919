//! The lines that answer requests.

use rmcp::model::{ErrorData, RequestId};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use crate::compat::CacheHints;

/// How many bytes there is room for in a line of which nothing is known.
const ROOM: usize = 256;

/// How the line of a result ends.
const END: &[u8] = b"}}\n";

/// The answer with a result.
pub(super) fn result(id: &RequestId, result: &impl Serialize) -> Vec<u8> {
    roomy(id, result, "", ROOM)
}

/// The answer with a result that has no metadata, and gets the signature of the server.
pub(super) fn identified(id: &RequestId, result: &impl Serialize, signature: &str) -> Vec<u8> {
    roomy(id, result, signature, ROOM + signature.len())
}

/// The answer with the page of a list.
pub(super) fn list(id: &RequestId, list: &List<'_>) -> Vec<u8> {
    let texts = list.texts.iter().map(|text| text.get().len() + 1);
    roomy(id, list, list.signature, ROOM + texts.sum::<usize>())
}

/// The answer with a result, to which `more` is added: fields as JSON, each with a comma in front.
fn roomy(id: &RequestId, result: &impl Serialize, more: &str, room: usize) -> Vec<u8> {
    let success = Success {
        jsonrpc: "2.0",
        id,
        result,
    };
    match write(&success, room) {
        Ok(line) if more.is_empty() => line,
        Ok(mut line) => {
            // The result is the last field, and has fields itself: behind them, both objects end, and the line.
            line.truncate(line.len() - END.len());
            line.extend_from_slice(more.as_bytes());
            line.extend_from_slice(END);
            line
        }
        Err(problem) => {
            tracing::error!(%id, %problem, "a result has no JSON form");
            error(Some(id), &unwritable())
        }
    }
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
    /// How long the list may be kept, for revisions without sessions.
    pub(super) modern: Option<CacheHints>,
    /// The signature of the server, for the same; otherwise nothing.
    pub(super) signature: &'a str,
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.key, &self.texts)?;
        if let Some(next) = &self.next {
            map.serialize_entry("nextCursor", next)?;
        }
        if let Some(hints) = self.modern {
            map.serialize_entry("resultType", "complete")?;
            map.serialize_entry("ttlMs", &hints.ttl_ms)?;
            map.serialize_entry("cacheScope", &hints.scope)?;
        }
        map.end()
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
