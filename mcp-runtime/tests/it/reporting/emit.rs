//! Chunks of text.

use std::time::Duration;

use mcp_runtime::{Content, Context, Server, handlers, prompt, resource, tool};
use serde_json::{Value, json};

use super::{call_with, done, in_every_revision, messages};

/// Emits, and returns nothing.
#[tool]
async fn poem(ctx: Context) {
    for chunk in ["Roses ", "", "are ", "red."] {
        ctx.emit(chunk).await;
    }
}

/// Emits, and returns a value.
#[tool]
async fn count(ctx: Context) -> Vec<u8> {
    ctx.emit("counting ").await;
    ctx.emit("to two").await;
    vec![1, 2]
}

/// Emits, and returns a block.
#[tool]
async fn draw(ctx: Context) -> Content {
    ctx.emit("drawing").await;
    Content::image([1, 2, 3], "image/png")
}

/// Emits, and fails.
#[tool]
async fn fail(ctx: Context) -> Result<(), String> {
    ctx.emit("so far").await;
    Err("no further".into())
}

/// Emits between steps.
#[tool]
async fn mixed(ctx: Context) {
    ctx.emit("a").await;
    ctx.progress(1, 2, "one").await;
    ctx.emit("b").await;
    ctx.progress(2, 2, "two").await;
    ctx.emit("c").await;
}

/// Emits too much.
#[tool]
async fn flood(ctx: Context) {
    loop {
        ctx.emit("x".repeat(100)).await;
    }
}

/// Emits too much in a task, and waits for it.
#[tool]
async fn flood_in_a_task(ctx: Context) {
    let tap = ctx.clone();
    let flood = ctx.spawn(async move {
        loop {
            tap.emit("x".repeat(100)).await;
            tokio::task::yield_now().await;
        }
    });
    let _: Result<(), _> = flood.await;
}

/// Emits too much, and does not wait for it.
#[tool]
async fn flood_and_go(ctx: Context) -> u8 {
    tokio::select! {
        biased;
        () = ctx.emit("x".repeat(1001)) => {}
        () = std::future::ready(()) => {}
    }
    1
}

/// A text in pieces.
#[resource("text://pieces")]
async fn pieces(ctx: Context) -> &'static str {
    ctx.emit("first").await;
    "second"
}

/// A prompt in pieces.
#[prompt]
async fn ask(ctx: Context) -> &'static str {
    ctx.emit("first").await;
    "second"
}

fn server() -> Server {
    Server::new("reporting", "1")
        .progress_interval(Duration::ZERO)
        .max_result_bytes(1000)
        .add(handlers![
            poem,
            count,
            draw,
            fail,
            mixed,
            flood,
            flood_in_a_task,
            flood_and_go,
            pieces,
            ask
        ])
}

fn text(result: &Value, at: usize) -> &str {
    result["content"][at]["text"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn chunks_are_messages_and_the_beginning_of_the_result() {
    in_every_revision(server, async |client| {
        let result = client.call("poem", ()).await;
        assert_eq!(messages(result.progress()), ["Roses ", "are ", "red."]);
        assert_eq!(done(result.progress()), [1.0, 2.0, 3.0]);
        let expected = json!([{ "type": "text", "text": "Roses are red." }]);
        assert_eq!(result.raw()["content"], expected);
    })
    .await;
}

#[tokio::test]
async fn what_is_returned_stands_behind_the_chunks() {
    in_every_revision(server, async |client| {
        let result = client.call("count", ()).await;
        assert_eq!(result.structured::<Vec<u8>>(), [1, 2]);
        assert_eq!(text(result.raw(), 0), "counting to two");
        assert_eq!(text(result.raw(), 1), "[1,2]");
        let result = client.call("draw", ()).await;
        assert_eq!(text(result.raw(), 0), "drawing");
        assert_eq!(result.raw()["content"][1]["type"], "image");
        let contents = client.read("text://pieces").await.raw()["contents"].clone();
        assert_eq!(
            (&contents[0]["text"], &contents[1]["text"]),
            (&json!("first"), &json!("second"))
        );
        assert_eq!(contents[0]["uri"], "text://pieces");
        let messages = client.prompt("ask", ()).await.raw()["messages"].clone();
        assert_eq!(messages[0]["content"]["text"], "first");
        assert_eq!(messages[1]["content"]["text"], "second");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_did_not_ask_for_progress_has_all_chunks_too() {
    in_every_revision(server, async |client| {
        let result = call_with(client, "poem", json!({})).await;
        assert_eq!(text(&result, 0), "Roses are red.");
        assert_eq!(client.notifications(), []);
    })
    .await;
}

#[tokio::test]
async fn a_failure_stands_behind_the_chunks() {
    in_every_revision(server, async |client| {
        let result = client.call("fail", ()).await;
        assert!(result.is_error());
        assert_eq!(text(result.raw(), 0), "so far");
        assert_eq!(text(result.raw(), 1), "no further");
    })
    .await;
}

#[tokio::test]
async fn chunks_that_come_too_fast_are_joined_and_never_lost() {
    let server = || server().progress_interval(Duration::from_secs(1));
    in_every_revision(server, async |client| {
        let result = client.call("poem", ()).await;
        assert_eq!(messages(result.progress()), ["Roses ", "are red."]);
        let result = client.call("mixed", ()).await;
        assert_eq!(messages(result.progress()), ["a", "bc"]);
        assert_eq!(text(result.raw(), 0), "abc");
    })
    .await;
}

#[tokio::test]
async fn steps_of_the_handler_stand_between_chunks() {
    in_every_revision(server, async |client| {
        let result = client.call("mixed", ()).await;
        assert_eq!(messages(result.progress()), ["a", "one", "b", "two", "c"]);
        let steps = done(result.progress());
        assert!(steps.windows(2).all(|two| two[0] < two[1]), "{steps:?}");
        let own: Vec<_> = [1, 3]
            .map(|at| (steps[at], result.progress()[at].total))
            .into();
        assert_eq!(own, [(2.0, Some(3.0)), (3.0, Some(3.0))]);
    })
    .await;
}

#[tokio::test]
async fn a_call_that_emits_too_much_is_ended() {
    in_every_revision(server, async |client| {
        for tool in ["flood", "flood_in_a_task", "flood_and_go"] {
            let result = client.call(tool, ()).await;
            assert!(result.is_error(), "{tool}");
            assert!(result.text().contains("1000 bytes"), "{}", result.text());
            assert_eq!(result.raw()["content"].as_array().unwrap().len(), 1);
        }
    })
    .await;
}
