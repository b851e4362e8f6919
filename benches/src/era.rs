//! The two eras of the protocol, and the requests that are measured, as a client writes them.

use std::fmt;

use serde_json::{Value, json};

/// An era of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// 2026-07-28: no sessions, every request says who asks.
    Modern,
    /// 2025-11-25: sessions.
    Legacy,
}

impl Era {
    /// The revision, as it goes over the wire.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Self::Modern => "2026-07-28",
            Self::Legacy => "2025-11-25",
        }
    }

    /// A request, as the line that goes over the wire.
    #[must_use]
    pub fn request(self, id: u32, method: &str, mut params: Value) -> String {
        if self == Self::Modern {
            let meta = &mut params["_meta"];
            meta["io.modelcontextprotocol/protocolVersion"] = self.version().into();
            meta["io.modelcontextprotocol/clientInfo"] = client();
            meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
        }
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        format!("{request}\n")
    }

    /// What a client says before its first request: in a session, that it opens one.
    #[must_use]
    pub fn hello(self) -> Option<[String; 2]> {
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let params = json!({
            "protocolVersion": self.version(),
            "capabilities": {},
            "clientInfo": client(),
        });
        (self == Self::Legacy).then(|| {
            let initialize = self.request(0, "initialize", params);
            [initialize, format!("{initialized}\n")]
        })
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.version())
    }
}

fn client() -> Value {
    json!({ "name": "load", "version": "1.0.0" })
}
