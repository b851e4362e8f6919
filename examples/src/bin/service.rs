//! Methods as handlers: a service that owns its state.

use std::sync::atomic::{AtomicI64, Ordering};

use mcp_runtime::{Server, group, resource, tool};

/// A counter that all clients share.
#[derive(Default)]
struct Counter {
    value: AtomicI64,
}

#[group]
impl Counter {
    /// Adds to the counter and returns its new value.
    #[tool]
    async fn add(
        &self,
        /// What to add; negative numbers count down.
        #[arg(default = 1)]
        amount: i32,
    ) -> i64 {
        self.value.fetch_add(amount.into(), Ordering::Relaxed) + i64::from(amount)
    }

    /// The value of the counter.
    #[resource("counter://value")]
    fn value(&self) -> String {
        self.value.load(Ordering::Relaxed).to_string()
    }
}

fn server() -> Server {
    Server::new("counter", env!("CARGO_PKG_VERSION")).add(Counter::default())
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
    async fn the_counter_keeps_its_value_between_calls() {
        let client = TestClient::connect(server()).await;
        client.call("add", json!({})).await;
        let value: i64 = client
            .call("add", json!({ "amount": 41 }))
            .await
            .structured();
        assert_eq!(value, 42);
        assert_eq!(client.read("counter://value").await.text(), "42");
    }
}
