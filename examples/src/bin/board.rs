//! A server that changes while it runs: resources that are watched, a tool that goes, and a variable that completes.
//!
//! `cargo run -p mcp-examples --bin board`

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use mcp_runtime::{Key, Server, ServerHandle, State, handlers, resource, tool};

/// The cards of a board, by name.
#[derive(Default)]
struct Board(Mutex<BTreeMap<String, String>>);

impl Board {
    fn cards(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names of all cards, of which the server proposes those that fit what is typed.
async fn names(board: State<Board>) -> Vec<String> {
    board.cards().keys().cloned().collect()
}

/// A card of the board.
#[resource("card://{name}", mime_type = "text/plain")]
fn card(#[arg(complete = names)] name: String, board: State<Board>) -> Option<String> {
    board.cards().get(&name).cloned()
}

/// Writes a card, and tells those who watch it.
#[tool(idempotent)]
fn write(
    board: State<Board>,
    server: ServerHandle,
    #[arg(regex = "^[a-z0-9-]+$")] name: String,
    text: String,
) -> String {
    let uri = format!("card://{name}");
    board.cards().insert(name, text);
    server.resource_updated(&uri);
    uri
}

/// Closes the board: cards can still be read, and no longer be written.
#[tool]
fn close(server: ServerHandle) -> bool {
    server.disable(Key::tool("write"))
}

fn server() -> Server {
    Server::new("board", env!("CARGO_PKG_VERSION"))
        .state(Board::default())
        .add(handlers![card, write, close])
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    server().serve_stdio().await
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::{Changes, Protocol, TestClient};
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn those_who_watch_a_card_hear_that_it_was_written() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let write = |text| json!({ "name": "today", "text": text });
            client.call("write", write("rest")).await;
            let mut today = client.subscribe("card://today").await;
            let other = json!({ "name": "tomorrow", "text": "rest" });
            client.call("write", other).await;
            client.call("write", write("work")).await;
            let change = today.next_change().await.unwrap();
            assert_eq!(change.params["uri"], "card://today");
            assert_eq!(client.read("card://today").await.text(), "work");
        }
    }

    #[tokio::test]
    async fn names_of_cards_are_completed() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            for name in ["today", "tomorrow", "never"] {
                let card = json!({ "name": name, "text": "" });
                client.call("write", card).await;
            }
            let completions = client.complete("card://{name}", "name", "to").await;
            assert_eq!(completions.values, ["today", "tomorrow"]);
        }
    }

    #[tokio::test]
    async fn a_board_that_is_closed_cannot_be_written() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let mut changes = client.listen(Changes::of_tools()).await;
            assert!(client.call("close", ()).await.structured::<bool>());
            changes.next_change().await.unwrap();
            let tools = client.tools().await;
            assert!(tools.iter().all(|tool| tool["name"] != "write"));
            assert!(!client.call("close", ()).await.structured::<bool>());
        }
    }
}
