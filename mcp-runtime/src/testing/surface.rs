//! [`Surface`]: everything that a server advertises, as one value for snapshots.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// Everything that a server advertises: its name, instructions, capabilities, tools, resources and prompts with all schemas.
///
/// It is made for snapshots: the version of the server and what belongs to the protocol alone are left out, so that a
/// changed snapshot is a changed contract. It is as deterministic as the server, in the order in which clients see it.
///
/// ```
/// use mcp_runtime::{Server, testing::TestClient};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = Server::new("warehouse", "1.0.0").instructions("Orders things.");
/// let client = TestClient::connect(server).await;
/// let surface = client.surface().await; // for insta::assert_json_snapshot!(surface)
/// assert_eq!(surface.json()["instructions"], "Orders things.");
/// # client.close().await;
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Surface(Map<String, Value>);

impl Surface {
    /// The surface of the given parts. Those that are empty are left out.
    pub(super) fn new<const N: usize>(server: &Value, parts: [(&str, Value); N]) -> Self {
        let server = server.as_object().into_iter().flatten();
        let server = server.filter(|(key, _)| *key != "version");
        let server: Map<_, _> = server
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let parts = parts.into_iter().filter(|(_, part)| match part {
            Value::Null => false,
            Value::Array(list) => !list.is_empty(),
            _ => true,
        });
        let all = [("server", server.into())].into_iter().chain(parts);
        Self(all.map(|(key, part)| (key.to_owned(), part)).collect())
    }

    /// The surface as JSON.
    #[must_use]
    pub fn json(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// Pretty JSON.
impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string_pretty(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&json)
    }
}
