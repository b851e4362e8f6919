//! Tools that return a stream.

use std::{io, time::Duration};

use futures_util::{Stream, StreamExt, stream};
use mcp_runtime::{
    CallError, Content, Contents, Context, Raw, Server, group, handlers,
    rmcp::model::CallToolResult, tool,
};
use serde_json::{Value, json};

use super::{call_with, has_sessions, in_every_revision, messages};

/// Says words.
#[tool]
fn words(count: Option<usize>) -> impl Stream<Item = &'static str> {
    stream::iter(["one ", "two ", "three"]).take(count.unwrap_or(3))
}

/// Says words after it has waited.
#[tool]
async fn later(ctx: Context, word: String) -> impl Stream<Item = String> + Send {
    tokio::task::yield_now().await;
    ctx.emit("first: ").await;
    stream::iter([word]).then(async |word| {
        tokio::task::yield_now().await;
        word
    })
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Found {
    line: u32,
}

/// Finds something.
#[tool]
fn find(lines: Vec<u32>) -> impl Stream<Item = Found> {
    stream::iter(lines).map(|line| Found { line })
}

/// Finds something, or fails.
#[tool]
fn try_find(fail: bool) -> impl Stream<Item = Result<Found, CallError>> {
    let end = fail.then(|| Err(CallError::new("lost")));
    stream::iter([Ok(Found { line: 1 }), Ok(Found { line: 2 })]).chain(stream::iter(end))
}

/// Reads lines, or fails in a way that no client may see.
#[tool]
fn read(fail: bool) -> impl Stream<Item = Result<String, io::Error>> {
    let end = fail.then(|| Err(io::Error::other("hunter2")));
    stream::iter([Ok("a\n".to_owned()), Ok("b\n".to_owned())]).chain(stream::iter(end))
}

/// Draws.
#[tool]
fn draw(count: usize) -> impl Stream<Item = Content> {
    let blocks = [Content::text("a line"), Content::image([1], "image/png")];
    stream::iter(blocks).take(count)
}

/// Draws several blocks at a time.
#[tool]
fn draw_twice() -> impl Stream<Item = Contents> {
    stream::iter([["a", "b"], ["c", "d"]]).map(|pair| pair.into_iter().collect())
}

/// Streams whole results.
#[tool]
fn raw() -> impl Stream<Item = Raw> {
    stream::iter([Raw(CallToolResult::success(Vec::new()))])
}

/// Never ends.
#[tool(timeout = "50ms")]
fn endless() -> impl Stream<Item = u8> {
    stream::iter([1]).chain(stream::pending())
}

/// Never ends, and is always ready.
#[tool]
fn flood(words: bool) -> impl Stream<Item = Vec<String>> {
    stream::repeat(if words { vec!["x".repeat(100)] } else { vec![] })
}

/// Never ends, and is always ready.
#[tool]
fn flood_of_text() -> impl Stream<Item = String> {
    stream::repeat("x".repeat(100))
}

/// Never ends, and is always ready.
#[tool]
fn flood_of_blocks() -> impl Stream<Item = Content> {
    stream::repeat(Content::text("x".repeat(100)))
}

/// Panics in the middle.
#[tool]
fn stumble() -> impl Stream<Item = String> {
    stream::iter(0..3).map(|number| {
        assert!(number < 2, "on purpose");
        number.to_string()
    })
}

struct Shelf(Vec<String>);

#[group]
impl Shelf {
    /// Lists the books.
    #[tool]
    fn books(&self) -> impl Stream<Item = String> {
        stream::iter(&self.0).map(|book| format!("{book}\n"))
    }

    /// Lists the books after it has waited.
    #[tool]
    async fn books_later(&self, reversed: bool) -> impl Stream<Item = Result<String, CallError>> {
        tokio::task::yield_now().await;
        let mut books: Vec<_> = self.0.iter().collect();
        if reversed {
            books.reverse();
        }
        stream::iter(books).map(|book| Ok(book.clone()))
    }

    /// Has no shelf.
    #[tool]
    fn nothing() -> impl Stream<Item = u8> {
        stream::empty()
    }
}

fn server() -> Server {
    Server::new("reporting", "1")
        .progress_interval(Duration::ZERO)
        .max_result_bytes(10_000)
        .add(handlers![
            words,
            later,
            find,
            try_find,
            read,
            draw,
            draw_twice,
            raw,
            endless,
            flood,
            flood_of_text,
            flood_of_blocks,
            stumble
        ])
        .add(Shelf(vec!["A".into(), "B".into()]))
}

#[tokio::test]
async fn texts_are_joined() {
    in_every_revision(server, async |client| {
        let result = client.call("words", ()).await;
        assert_eq!(messages(result.progress()), ["one ", "two ", "three"]);
        let expected = json!([{ "type": "text", "text": "one two three" }]);
        assert_eq!(result.raw()["content"], expected);
        assert_eq!(result.raw().get("structuredContent"), None);
        let result = client.call("words", json!({ "count": 0 })).await;
        assert_eq!(result.raw()["content"], json!([]));
        let result = client.call("later", json!({ "word": "last" })).await;
        assert_eq!(result.text(), "first: last");
        let result = call_with(client, "words", json!({})).await;
        assert_eq!(result["content"], expected);
    })
    .await;
}

#[tokio::test]
async fn values_become_a_list_with_a_schema() {
    in_every_revision(server, async |client| {
        let result = client.call("find", json!({ "lines": [3, 4] })).await;
        let found = [json!({ "line": 3 }), json!({ "line": 4 })];
        assert_eq!(result.structured::<Vec<Value>>(), found);
        assert_eq!(result.text(), r#"[{"line":3},{"line":4}]"#);
        assert_eq!(
            messages(result.progress()),
            [r#"{"line":3}"#, r#"{"line":4}"#]
        );
        let result = client.call("find", json!({ "lines": [] })).await;
        assert_eq!(result.structured::<Vec<Value>>(), [] as [Value; 0]);
        assert_eq!(
            client.call("nothing", ()).await.structured::<Vec<Value>>(),
            [] as [Value; 0]
        );

        let tools = client.tools().await;
        let schema = |name: &str| {
            let tool = tools.iter().find(|tool| tool["name"] == name).unwrap();
            let schema = tool.get("outputSchema").cloned().unwrap_or_default();
            if has_sessions(client) && !schema.is_null() {
                schema["properties"]["result"].clone()
            } else {
                schema
            }
        };
        for name in ["find", "try_find"] {
            assert_eq!(schema(name)["type"], "array");
            assert_eq!(
                schema(name)["items"]["properties"]["line"]["type"],
                "integer"
            );
        }
        for name in ["words", "read", "draw", "raw"] {
            assert_eq!(schema(name), Value::Null, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn blocks_are_listed() {
    in_every_revision(server, async |client| {
        let result = client.call("draw", json!({ "count": 2 })).await;
        let content = result.raw()["content"].as_array().unwrap();
        let kinds: Vec<_> = content.iter().map(|block| &block["type"]).collect();
        assert_eq!(kinds, ["text", "image"]);
        assert_eq!(messages(result.progress()), ["a line", ""]);
        let result = client.call("draw", json!({ "count": 0 })).await;
        assert_eq!(result.raw()["content"], json!([]));
        let result = client.call("draw_twice", ()).await;
        assert_eq!(result.raw()["content"].as_array().unwrap().len(), 4);
        assert_eq!(messages(result.progress()), ["a\nb", "c\nd"]);
    })
    .await;
}

#[tokio::test]
async fn the_first_error_ends_the_call() {
    in_every_revision(server, async |client| {
        let result = client.call("try_find", json!({ "fail": false })).await;
        assert_eq!(
            result.structured::<Vec<Value>>(),
            [json!({ "line": 1 }), json!({ "line": 2 })]
        );
        let result = client.call("try_find", json!({ "fail": true })).await;
        assert!(result.is_error());
        assert_eq!(result.text(), "lost");
        assert_eq!(result.progress().len(), 2);
        let result = client.call("read", json!({ "fail": false })).await;
        assert_eq!(result.text(), "a\nb\n");
        let result = client.call("read", json!({ "fail": true })).await;
        assert_eq!(result.error_kind(), Some("internal"));
        assert_eq!(result.raw()["content"][0]["text"], "a\nb\n");
        assert!(!result.raw().to_string().contains("hunter2"));
        let result = client.call("raw", ()).await;
        assert_eq!(result.error_kind(), Some("internal"));
    })
    .await;
}

#[tokio::test]
async fn methods_stream_what_they_borrow() {
    in_every_revision(server, async |client| {
        assert_eq!(client.call("books", ()).await.text(), "A\nB\n");
        let result = client
            .call("books_later", json!({ "reversed": true }))
            .await;
        assert_eq!(result.text(), "BA");
    })
    .await;
}

#[tokio::test]
async fn a_stream_without_an_end_ends_with_the_deadline_or_the_limit() {
    in_every_revision(server, async |client| {
        let result = client.call("endless", ()).await;
        assert!(result.is_error());
        for (tool, arguments) in [
            ("flood", json!({ "words": true })),
            ("flood", json!({ "words": false })),
            ("flood_of_text", json!({})),
            ("flood_of_blocks", json!({})),
        ] {
            let result = client.call(tool, arguments).await;
            assert!(result.is_error(), "{tool}");
            assert!(result.text().contains("10000 bytes"), "{}", result.text());
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_panics_is_a_failure() {
    in_every_revision(server, async |client| {
        let result = client.call("stumble", ()).await;
        assert_eq!(result.error_kind(), Some("internal"));
        assert_eq!(client.call("words", ()).await.text(), "one two three");
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_still_what_the_function_returns() {
    let all: Vec<_> = words(Some(2)).collect().await;
    assert_eq!(all, ["one ", "two "]);
}
