//! Lists of handlers: `handlers![…]` and `#[group]`.

use std::sync::atomic::{AtomicU32, Ordering};

use mcp_runtime::{
    CallError, Handlers, IntoHandlers, Server, group, handlers, prompt, resource,
    testing::TestClient, tool,
};
use serde_json::json;

use crate::{Stock, connect, server};

#[group]
mod math {
    use mcp_runtime::tool;

    /// Adds.
    #[tool]
    pub(super) fn add(a: i64, b: i64) -> i64 {
        helper(a) + b
    }

    /// Is not there.
    #[cfg(any())]
    #[tool]
    fn add(a: Missing) {}

    /// Subtracts.
    #[cfg(not(any()))]
    #[mcp_runtime::tool(name = "minus")]
    async fn subtract(a: i64, b: i64) -> i64 {
        a - b
    }

    fn helper(a: i64) -> i64 {
        a
    }

    pub(super) mod deep {
        /// Multiplies.
        #[mcp_runtime::tool]
        pub(crate) fn multiply(a: i64, b: i64) -> i64 {
            a * b
        }
    }
}

/// Counts how often it was asked.
#[derive(Debug, Default)]
struct Counter {
    asked: AtomicU32,
}

#[group]
impl Counter {
    const LEAST: u32 = 1;

    /// Counts.
    #[tool]
    async fn count(&self, #[arg(default = Self::LEAST, range(min = Self::LEAST))] by: u32) -> u32 {
        self.increase(by)
    }

    /// Counts without waiting.
    #[tool]
    fn count_at_once(&self) -> Result<u32, CallError> {
        match self.increase(Self::LEAST) {
            u32::MAX => Err(CallError::new("counted to the end")),
            count => Ok(count),
        }
    }

    /// Needs no counter.
    #[tool]
    fn least() -> u32 {
        Self::LEAST
    }

    /// Needs none either, but time.
    #[tool]
    async fn later(value: Option<u32>) -> Option<u32> {
        tokio::task::yield_now().await;
        value
    }

    /// The count.
    #[resource("count://{unit}")]
    fn show(&self, unit: String) -> String {
        format!("{} {unit}", self.asked.load(Ordering::SeqCst))
    }

    /// Asks for the count.
    #[prompt]
    async fn ask(&self) -> &'static str {
        "How many?"
    }

    fn increase(&self, by: u32) -> u32 {
        self.asked.fetch_add(by, Ordering::SeqCst) + by
    }
}

async fn names(handlers: impl IntoHandlers) -> Vec<String> {
    let tools = connect(handlers).await.tools().await;
    let names = tools.iter().filter_map(|tool| tool["name"].as_str());
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_module_lists_its_handlers_in_order() {
    assert_eq!(names(math::handlers()).await, ["add", "minus"]);
    assert_eq!(math::add(1, 2), 3);
}

#[tokio::test]
async fn lists_hold_paths_under_conditions_and_can_be_joined() {
    let list: Handlers = handlers![
        math::deep::multiply,
        #[cfg(any())]
        math::missing,
        #[cfg(not(any()))]
        math::add,
    ];
    assert_eq!(names(list).await, ["multiply", "add"]);
    assert_eq!(names(handlers![]).await, [""; 0]);
    assert_eq!(
        names(handlers![math::deep::multiply].and(math::handlers())).await,
        ["multiply", "add", "minus"]
    );
    assert_eq!(
        names(handlers![crate = ::mcp_runtime; math::add]).await,
        ["add"]
    );
}

#[tokio::test]
async fn the_methods_of_a_service_share_it() {
    let client = connect(Counter::default()).await;
    let count: u32 = client.call("count", json!({ "by": 2 })).await.structured();
    assert_eq!(count, 2);
    let count: u32 = client.call("count_at_once", ()).await.structured();
    assert_eq!(count, 3);
    assert_eq!(client.read("count://times").await.text(), "3 times");
    assert_eq!(client.prompt("ask", ()).await.text(), "How many?");
    let least: u32 = client.call("least", ()).await.structured();
    assert_eq!(least, 1);
    let later: u32 = client
        .call("later", json!({ "value": 4 }))
        .await
        .structured();
    assert_eq!(later, 4);
    assert!(client.call("count", json!({ "by": 0 })).await.is_error());
}

#[tokio::test]
async fn a_service_is_still_a_type_with_methods() {
    let counter = Counter::default();
    assert_eq!(counter.count(5).await, 5);
    assert_eq!(Counter::least(), 1);
}

#[tokio::test]
async fn names_taken_from_two_lists_are_told_when_the_server_is_built() {
    let error = server(math::handlers())
        .add(handlers![math::add])
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("`add`"), "{error}");
}

/// Is found without a list.
#[tool]
fn found_by_itself() {}

#[tokio::test]
async fn handlers_note_themselves_in_the_order_of_their_places() {
    let server = Server::new("collected", "1.0.0").state(Stock(1)).collect();
    let client = TestClient::connect(server).await;
    let tools = client.tools().await;
    let names: Vec<&str> = tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    let place = |name| names.iter().position(|other| *other == name);
    assert!(place("add").is_some());
    assert!(place("add") < place("found_by_itself"), "{names:?}");
    assert!(
        !names.contains(&"count"),
        "a method needs its service: {names:?}"
    );
}
