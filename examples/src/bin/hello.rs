//! The smallest server: one tool, served over standard input and output.

use mcp_runtime::{Server, handlers, tool};

/// Greets somebody.
#[tool(read_only)]
async fn hello(
    /// Whom to greet.
    #[arg(length(min = 1, max = 100))]
    name: String,
) -> String {
    format!("Hello, {name}!")
}

fn server() -> Server {
    Server::new("hello", env!("CARGO_PKG_VERSION")).add(handlers![hello])
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    server().serve_stdio().await
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::TestClient;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_client_is_greeted() {
        let client = TestClient::connect(server()).await;
        let greeting = client.call("hello", json!({ "name": "Ada" })).await;
        assert_eq!(greeting.text(), "Hello, Ada!");
    }

    #[tokio::test]
    async fn a_greeting_needs_a_name() {
        let client = TestClient::connect(server()).await;
        let refusal = client.call("hello", json!({ "nam": "Ada" })).await;
        assert!(refusal.is_error());
        assert!(
            refusal.text().contains("did you mean `name`"),
            "{}",
            refusal.text()
        );
    }

    #[tokio::test]
    async fn a_handler_is_still_a_function() {
        assert_eq!(hello("Ada".to_owned()).await, "Hello, Ada!");
    }
}
