//! How often handlers may be called, and how many calls run at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_runtime::{
    Context, Principal, Server, State, handlers,
    layer::CallRequest,
    limit::{ConcurrencyLayer, Decision, Memory, Rate, RateLayer, Store, Taken},
    prompt, resource,
    serde_json::{Value, json},
    testing::{CallResult, Protocol, TestClient},
    tool,
};
use tokio::sync::Semaphore;

/// Does something that each caller may have done five times a second.
#[tool(rate = "5/s")]
fn limited() -> &'static str {
    "done"
}

/// Does something twice a second at most, but four times at first.
#[tool(rate = "2/s burst 4")]
fn bursting() -> &'static str {
    "done"
}

/// Does something as often as one likes.
#[tool]
fn free() -> &'static str {
    "done"
}

/// The news.
#[resource("news://today", rate = "1/m")]
fn news() -> &'static str {
    "nothing new"
}

/// Says hello.
#[prompt(rate = "1/m")]
fn hello() -> &'static str {
    "hello"
}

/// Calls the limited tool six times.
#[tool]
async fn calls(ctx: Context) -> Result<(), mcp_runtime::CallError> {
    for _ in 0..6 {
        ctx.call_tool("limited", ()).await?;
    }
    Ok(())
}

fn server() -> Server {
    Server::new("example", "1.0.0").add(handlers![limited, bursting, free, news, hello, calls])
}

async fn connect(server: Server) -> TestClient {
    TestClient::connect(server).await
}

/// What programs are told of a refusal.
fn told(result: &CallResult) -> Value {
    result.meta().unwrap()["mcp-runtime/error"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_call_over_the_limit_is_told_when_to_try_again() {
    for protocol in [Protocol::Modern, Protocol::Legacy] {
        let client = TestClient::builder(server()).protocol(protocol).connect().await;
        for _ in 0..5 {
            assert_eq!(client.call("limited", ()).await.text(), "done");
        }
        let refused = client.call("limited", ()).await;
        assert_eq!(refused.error(), "too many calls of `limited`: try again in 0.2 s");
        let expected = json!({
            "kind": "rate_limited", "retryable": true, "retryAfterMs": 200, "retry_after": 0.2,
        });
        assert_eq!(told(&refused), expected);
        assert_eq!(client.call("free", ()).await.text(), "done");
        tokio::time::advance(Duration::from_millis(200)).await;
        assert_eq!(client.call("limited", ()).await.text(), "done");
        assert!(client.call("limited", ()).await.is_error());
    }
}
