//! What a client is told when a handler fails, panics or takes too long.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use mcp_runtime::{
    CallError, Context, IntoCallError, Server, State, handlers, prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::json;

/// Fails in the author's words.
#[tool]
async fn fail_public() -> Result<(), CallError> {
    Err(CallError::new("out of stock")
        .with_data(json!({ "left": 0 }))
        .retry_after(Duration::from_secs(2)))
}

/// Fails with an error that nobody may see.
#[tool]
async fn fail_internal() -> Result<(), std::io::Error> {
    Err(std::io::Error::other("password is hunter2"))
}

/// Fails by a question mark.
#[tool]
async fn fail_by_question_mark() -> Result<u8, CallError> {
    Ok("hunter2".parse::<u8>()?)
}

struct Refused;

impl IntoCallError for Refused {
    fn into_call_error(self) -> CallError {
        CallError::new("typed")
    }
}

/// Fails with a type of its own.
#[tool]
fn fail_typed() -> Result<(), Refused> {
    Err(Refused)
}

/// Fails with a text.
#[tool]
fn fail_text() -> Result<(), String> {
    Err("text".to_owned())
}

/// Panics at once.
#[tool]
fn boom() {
    panic!("hunter2");
}

#[derive(Default)]
struct Lock(Mutex<u32>);

/// Panics after an await, with a lock in its hand.
#[tool]
async fn boom_later(lock: State<Lock>) -> u32 {
    tokio::task::yield_now().await;
    let mut calls = lock
        .0
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    *calls += 1;
    assert!(*calls != 1, "hunter2");
    *calls
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("hunter2");
    }
}

/// Waits for ever with something that panics when it is dropped.
#[tool(timeout = "50ms")]
async fn boom_in_drop() {
    let _held = PanicsWhenDropped;
    std::future::pending::<()>().await;
}

/// Sleeps for an hour.
#[tool(timeout = "200ms")]
async fn nap() {
    tokio::time::sleep(Duration::from_secs(3600)).await;
}

static DROPPED: AtomicBool = AtomicBool::new(false);

struct NotesItsEnd;

impl Drop for NotesItsEnd {
    fn drop(&mut self) {
        DROPPED.store(true, Ordering::SeqCst);
    }
}

/// Says that it waits, and waits until it is dropped.
#[tool]
async fn wait(ctx: Context) {
    let _held = NotesItsEnd;
    ctx.progress(1, 0, "waiting").await;
    std::future::pending::<()>().await;
}

/// Fails.
#[resource("fail://internal")]
fn fail_resource() -> Result<String, std::io::Error> {
    Err(std::io::Error::other("hunter2"))
}

/// Panics.
#[prompt]
fn fail_prompt() -> String {
    panic!("hunter2")
}

fn server() -> Server {
    Server::new("failures", "1")
        .state(Lock::default())
        .add(handlers![
            fail_public,
            fail_internal,
            fail_by_question_mark,
            fail_typed,
            fail_text,
            boom,
            boom_later,
            boom_in_drop,
            nap,
            wait,
            fail_resource,
            fail_prompt,
        ])
}

async fn clients() -> [TestClient; 2] {
    [
        TestClient::connect(server()).await,
        TestClient::connect_as(server(), Protocol::LEGACY).await,
    ]
}

#[tokio::test]
async fn the_authors_words_reach_the_model() {
    for client in clients().await {
        for (tool, words) in [
            ("fail_public", "out of stock"),
            ("fail_typed", "typed"),
            ("fail_text", "text"),
        ] {
            let failure = client.call(tool, ()).await;
            assert!(failure.is_error());
            assert_eq!(failure.text(), words);
        }
        let failure = client.call("fail_public", ()).await;
        let expected = json!({ "kind": "failed", "retryable": true, "retryAfterMs": 2000, "data": { "left": 0 } });
        assert_eq!(failure.raw()["_meta"]["mcp-runtime/error"], expected);
    }
}

#[tokio::test]
async fn internal_errors_and_panics_are_masked_behind_a_reference() {
    for client in clients().await {
        for tool in ["fail_internal", "fail_by_question_mark", "boom"] {
            let failure = client.call(tool, ()).await;
            assert!(failure.is_error(), "{tool}");
            assert_eq!(failure.error_kind(), Some("internal"), "{tool}");
            let everything = failure.raw().to_string();
            assert!(
                !everything.contains("hunter2") && !everything.contains("digit"),
                "{everything}"
            );
            let reference = &failure.raw()["_meta"]["mcp-runtime/error"]["reference"];
            assert!(
                failure.text().contains(reference.as_str().unwrap()),
                "{everything}"
            );
        }
    }
}

#[tokio::test]
async fn a_tool_that_panicked_works_again() {
    for client in clients().await {
        assert!(client.call("boom_later", ()).await.is_error());
        assert_eq!(client.call("boom_later", ()).await.structured::<u32>(), 2);
    }
}

#[tokio::test]
async fn a_panic_while_a_handler_is_dropped_changes_nothing() {
    for client in clients().await {
        assert_eq!(
            client.call("boom_in_drop", ()).await.error_kind(),
            Some("timed_out")
        );
        assert_eq!(client.call("fail_text", ()).await.text(), "text");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_call_and_says_so() {
    for client in clients().await {
        let failure = client.call("nap", ()).await;
        assert_eq!(
            failure.text(),
            "`nap` gave no answer within 200ms and was ended."
        );
        assert_eq!(failure.error_kind(), Some("timed_out"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_has_a_deadline_for_tools_without_one() {
    let client = TestClient::connect(server().timeout(Duration::from_secs(1))).await;
    let failure = client.call("wait", ()).await;
    assert_eq!(failure.error_kind(), Some("timed_out"));
}

#[tokio::test]
async fn a_call_that_is_taken_back_is_dropped() {
    let client = TestClient::connect(server().timeout(None)).await;
    DROPPED.store(false, Ordering::SeqCst);
    let mut call = client.start("wait", ()).await;
    assert_eq!(
        call.next_progress().await.unwrap().message.as_deref(),
        Some("waiting")
    );
    call.cancel().await;
    assert!(DROPPED.load(Ordering::SeqCst));
}

#[tokio::test]
async fn resources_and_prompts_fail_with_errors_of_the_protocol() {
    for client in clients().await {
        for failure in [
            client.try_read("fail://internal").await.unwrap_err(),
            client.try_prompt("fail_prompt", ()).await.unwrap_err(),
        ] {
            assert_eq!(failure.code, -32603);
            assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
            assert_eq!(failure.kind(), Some("internal"));
        }
    }
}

#[tokio::test]
async fn unknown_names_are_refused_with_the_nearest_one() {
    for client in clients().await {
        let failure = client.try_call("boon", ()).await.unwrap_err();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (-32602, "Unknown tool `boon`. Did you mean `boom`?")
        );
        let failure = client.try_prompt("fail_promt", ()).await.unwrap_err();
        assert_eq!(
            failure.message,
            "Unknown prompt `fail_promt`. Did you mean `fail_prompt`?"
        );
        let failure = client.try_read("fail://intern").await.unwrap_err();
        assert!(
            failure
                .message
                .starts_with("Unknown resource `fail://intern`."),
            "{failure:?}"
        );
    }
}

#[tokio::test]
async fn a_name_of_a_megabyte_is_cut_in_the_answer() {
    let client = TestClient::connect(server()).await;
    let failure = client
        .try_call(&"x\0".repeat(1 << 19), ())
        .await
        .unwrap_err();
    assert_eq!(failure.code, -32602);
    assert!(format!("{failure:?}").len() < 2000);
    assert!(!failure.message.contains('\0'));
}
