//! Requests, as clients write them.

use std::fmt::Write as _;

use mcp_benches::{era::Era, http::PATH};
use serde_json::{Value, json};

use crate::Result;

/// What a client of 2026-07-28 says that it can do.
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// A request: its method, the lines of its head that not all have, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: &'static str,
    head: String,
    body: String,
}

impl Request {
    /// A request with a message, or with what is none.
    pub(crate) fn post(body: impl Into<String>) -> Self {
        let request = Self::bare("POST").header("content-type", "application/json");
        Self {
            body: body.into(),
            ..request.header("accept", "application/json, text/event-stream")
        }
    }

    /// A request for a stream.
    pub(crate) fn get() -> Self {
        Self::bare("GET").header("accept", "text/event-stream")
    }

    /// A request for the end of a session.
    pub(crate) fn delete() -> Self {
        Self::bare("DELETE")
    }

    /// A request of 2026-07-28. The capabilities of the client may stand in its parameters.
    pub(crate) fn modern(method: &str, params: Value) -> Result<Self> {
        let name = params["name"].as_str().map(ToOwned::to_owned);
        let own = params["_meta"][CAPABILITIES].clone();
        let mut message: Value = serde_json::from_str(&Era::Modern.request(1, method, params))?;
        if own.is_object() {
            message["params"]["_meta"][CAPABILITIES] = own;
        }
        let request = Self::post(message.to_string())
            .header("mcp-protocol-version", Era::Modern.version())
            .header("mcp-method", method);
        Ok(match name {
            Some(name) => request.header("mcp-name", &name),
            None => request,
        })
    }

    /// A request of 2025-11-25.
    pub(crate) fn legacy(id: u32, method: &str, params: Value) -> Self {
        Self::of_legacy(Era::Legacy.request(id, method, params))
    }

    /// A message of 2025-11-25 that expects no answer.
    pub(crate) fn notification(method: &str, params: Value) -> Self {
        let mut message = json!({ "jsonrpc": "2.0", "method": method });
        message["params"] = params;
        Self::of_legacy(message.to_string())
    }

    /// The answer of a client of 2025-11-25 to a question.
    pub(crate) fn answer(id: &Value, result: Value) -> Self {
        let mut message = json!({ "jsonrpc": "2.0", "id": id });
        message["result"] = result;
        Self::of_legacy(message.to_string())
    }

    /// The request of 2025-11-25 that opens a session.
    pub(crate) fn initialize() -> Self {
        let params = json!({
            "protocolVersion": Era::Legacy.version(),
            "capabilities": { "elicitation": {} },
            "clientInfo": { "name": "soak", "version": "1.0.0" },
        });
        // The revision is not agreed on yet.
        Self::post(Era::Legacy.request(0, "initialize", params))
    }

    /// The same in a session.
    pub(crate) fn within(self, session: &str) -> Self {
        self.header("mcp-session-id", session)
    }

    /// Adds a line to the head.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// The request as it goes over the wire.
    pub(crate) fn text(&self) -> String {
        let Self { method, head, body } = self;
        let mut text = format!("{method} {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\n{head}");
        if body.is_empty() && *method != "POST" {
            text.push_str("\r\n");
        } else {
            // A string takes everything.
            let _ = write!(text, "content-length: {}\r\n\r\n{body}", body.len());
        }
        text
    }

    fn bare(method: &'static str) -> Self {
        Self {
            method,
            head: String::new(),
            body: String::new(),
        }
    }

    fn of_legacy(body: String) -> Self {
        Self::post(body).header("mcp-protocol-version", Era::Legacy.version())
    }
}

/// The parameters of a call.
pub(crate) fn call(tool: &str, arguments: Value) -> Value {
    Value::from_iter([("name", tool.into()), ("arguments", arguments)])
}

/// The parameters of a call whose progress is to be told.
pub(crate) fn loud_call(tool: &str, arguments: Value) -> Value {
    let mut params = call(tool, arguments);
    params["_meta"] = json!({ "progressToken": 1 });
    params
}
