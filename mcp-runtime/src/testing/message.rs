//! The messages of a test client, as it writes them.

use rmcp::model::RequestId;
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Map, Value};

use super::TestClient;

/// A request.
#[derive(Serialize)]
pub(super) struct Written<'a, P> {
    jsonrpc: &'static str,
    id: &'a RequestId,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<&'a P>,
}

/// Parameters with metadata.
#[derive(Serialize)]
pub(super) struct With<'a, P> {
    #[serde(flatten)]
    pub(super) params: &'a P,
    #[serde(rename = "_meta", skip_serializing_if = "Meta::is_empty")]
    pub(super) meta: Meta<'a>,
}

/// What a request says beside what it asks for.
pub(super) struct Meta<'a> {
    /// What tells the progress of the request from that of others.
    token: Option<&'a RequestId>,
    /// What the client says about itself.
    client: &'a Map<String, Value>,
}

impl TestClient {
    /// What a request says beside what it asks for.
    pub(super) fn meta<'a>(&'a self, token: Option<&'a RequestId>) -> Meta<'a> {
        Meta {
            token,
            client: &self.client,
        }
    }
}

impl<'a, P> Written<'a, P> {
    pub(super) fn new(
        id: &'a RequestId,
        method: &'a str,
        params: impl Into<Option<&'a P>>,
    ) -> Self {
        Self {
            jsonrpc: "2.0",
            id,
            method,
            params: params.into(),
        }
    }
}

impl Meta<'_> {
    fn is_empty(&self) -> bool {
        self.token.is_none() && self.client.is_empty()
    }
}

impl Serialize for Meta<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(token) = self.token {
            map.serialize_entry("progressToken", token)?;
        }
        for (key, value) in self.client {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
