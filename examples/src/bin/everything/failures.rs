//! How a call may fail: with words for the model, with words that nobody may read, by a panic, by taking too long.

use std::{io, time::Duration};

use mcp_runtime::{CallError, Handlers, State, handlers, tool};

use crate::resources::Notes;

pub(crate) fn handlers() -> Handlers {
    handlers![
        boom,
        boom_later,
        fail_public,
        fail_internal,
        nap,
        block,
        average,
    ]
}

/// Panics at once.
#[tool]
fn boom() {
    panic!("the password is hunter2");
}

/// Panics when it has waited, with the notes in its hands.
#[tool]
async fn boom_later(notes: State<Notes>) {
    tokio::task::yield_now().await;
    notes.change(|_| panic!("the password is hunter2"));
}

/// Fails with an error that the model can act on.
#[tool(read_only)]
fn fail_public() -> Result<(), CallError> {
    Err(CallError::new("out of stock"))
}

/// Fails with an error that no client may see.
#[tool(read_only)]
fn fail_internal() -> Result<(), io::Error> {
    Err(io::Error::other("password is hunter2"))
}

/// Sleeps longer than it may.
#[tool(read_only, timeout = "200ms")]
async fn nap() {
    tokio::time::sleep(Duration::from_secs(60 * 60)).await;
}

/// Blocks its thread.
#[tool(read_only)]
fn block(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// The average of numbers. That of none is no number, and no JSON.
#[tool(read_only)]
fn average(#[arg(default)] numbers: Vec<u32>) -> f64 {
    let sum: f64 = numbers.iter().copied().map(f64::from).sum();
    let count: f64 = numbers.iter().map(|_| 1.0).sum();
    sum / count
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::{Protocol, TestClient};

    use crate::server;

    #[tokio::test]
    async fn only_what_is_meant_for_the_model_is_told() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            assert_eq!(client.call("fail_public", ()).await.error(), "out of stock");
            for tool in ["fail_internal", "boom", "boom_later"] {
                let failure = client.call(tool, ()).await;
                assert!(failure.error().contains("internal error"));
                assert!(!failure.raw().to_string().contains("hunter2"));
            }
        }
    }

    #[tokio::test]
    async fn a_panic_takes_nothing_from_later_calls() {
        let client = TestClient::connect(server()).await;
        client.call("boom_later", ()).await;
        assert!(client.read("note://1").await.text().starts_with("note 1"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_tool_has_a_time_limit_of_its_own() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            assert_eq!(client.call("nap", ()).await.error_kind(), Some("timed_out"));
        }
    }
}
