//! The lines that answer requests.

use std::borrow::Cow;

use rmcp::model::{ErrorData, RequestId};
use serde::Serialize;

use crate::compat::CacheHints;

/// How many bytes there is room for in a line of which nothing is known.
const ROOM: usize = 256;

/// The answer with a result.
pub(super) fn result(id: &RequestId, result: &impl Serialize) -> Vec<u8> {
    signed(id, "", |line| serde_json::to_writer(line, result))
}

/// The answer with a result that `write` writes, with the signature of a server at its end.
pub(super) fn signed(
    id: &RequestId,
    signature: &str,
    write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
) -> Vec<u8> {
    finished(id, ROOM + signature.len(), |line| {
        write(line)?;
        if !signature.is_empty() {
            // The result has fields: behind them its end comes off, and comes back behind the signature.
            line.pop();
            line.extend_from_slice(signature.as_bytes());
            line.push(b'}');
        }
        Ok(())
    })
}

/// The answer with the page of a list.
pub(super) fn list(id: &RequestId, list: &List<'_>) -> Vec<u8> {
    let room = ROOM + list.text.len() + list.signature.len();
    finished(id, room, |line| write_list(line, list))
}

/// The line with the result that `write` writes.
fn finished(
    id: &RequestId,
    room: usize,
    write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
) -> Vec<u8> {
    let mut line = Vec::with_capacity(room);
    if let Err(problem) = begin(&mut line, id).and_then(|()| write(&mut line)) {
        tracing::error!(%id, %problem, "a result has no JSON form");
        return error(Some(id), &unwritable());
    }
    line.extend_from_slice(b"}\n");
    line
}

/// What stands before a result.
fn begin(line: &mut Vec<u8>, id: &RequestId) -> serde_json::Result<()> {
    line.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    serde_json::to_writer(&mut *line, id)?;
    line.extend_from_slice(br#","result":"#);
    Ok(())
}

/// A list is copied as it is, and by hand: it is the longest of what is written again and again.
fn write_list(line: &mut Vec<u8>, list: &List<'_>) -> serde_json::Result<()> {
    line.extend_from_slice(b"{\"");
    line.extend_from_slice(list.key.as_bytes());
    line.extend_from_slice(b"\":[");
    line.extend_from_slice(list.text.as_bytes());
    line.push(b']');
    if let Some(next) = &list.next {
        line.extend_from_slice(br#","nextCursor":"#);
        serde_json::to_writer(&mut *line, next)?;
    }
    if let Some(CacheHints { ttl_ms, scope }) = list.modern {
        line.extend_from_slice(br#","resultType":"complete","ttlMs":"#);
        serde_json::to_writer(&mut *line, &ttl_ms)?;
        line.extend_from_slice(br#","cacheScope":"#);
        serde_json::to_writer(&mut *line, &scope)?;
    }
    line.extend_from_slice(list.signature.as_bytes());
    line.push(b'}');
    Ok(())
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
    let mut line = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut line, message)?;
    line.push(b'\n');
    Ok(line)
}

/// The page of a list, from definitions that are rendered already.
pub(super) struct List<'a> {
    /// The name of the list in the result.
    pub(super) key: &'static str,
    /// The definitions, with a comma between two of them.
    pub(super) text: Cow<'a, str>,
    pub(super) next: Option<String>,
    /// How long the list may be kept, for revisions without sessions.
    pub(super) modern: Option<CacheHints>,
    /// The signature of the server, for the same; otherwise nothing.
    pub(super) signature: &'a str,
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
