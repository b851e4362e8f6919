//! What the macros make of functions: every option, as a client sees it.

mod argument;
mod ask;
mod group;
mod hygiene;
mod prompt;
mod resource;
mod tool;
#[path = "../it/wire.rs"]
#[allow(
    dead_code,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "other tests use all of it"
)]
mod wire;

use mcp_runtime::{IntoHandlers, Server, testing::TestClient};
use serde_json::Value;

/// The state of most servers here.
#[derive(Debug)]
struct Stock(u32);

fn server(handlers: impl IntoHandlers) -> Server {
    Server::new("macros", "1.0.0").state(Stock(7)).add(handlers)
}

async fn connect(handlers: impl IntoHandlers) -> TestClient {
    TestClient::connect(server(handlers)).await
}

/// The definition of that name among those that a client lists.
fn named<'a>(definitions: &'a [Value], name: &str) -> &'a Value {
    let found = definitions
        .iter()
        .find(|definition| definition["name"] == name);
    found.unwrap_or_else(|| panic!("there is no `{name}` in {definitions:#?}"))
}

#[tokio::test]
async fn expansions_hold_among_names_that_mean_something_else() {
    let client = connect(hygiene::all()).await;
    let tools = client.tools().await;
    let properties = named(&tools, "type")["inputSchema"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(
        properties.keys().collect::<Vec<_>>(),
        ["fn", "list", "text", "number"]
    );
    for name in ["in", "box", "made", "passed", "old", "inner"] {
        named(&tools, name);
    }
    let prompts = client.prompts().await;
    named(&prompts, "match");
    let one: u8 = client.call("made", ()).await.structured();
    assert_eq!(one, 1);
    assert_eq!(client.read("made://x").await.text(), "made://x");
}
