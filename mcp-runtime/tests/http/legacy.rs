//! Revisions with sessions, served without one.

use serde_json::{Value, json};

use crate::{client::Post, fixture::Site};

fn initialize(version: &str) -> Post {
    let params = json!({
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": { "name": "x", "version": "1" },
    });
    Post::legacy(None, "initialize", params)
}

fn call(version: Option<&str>, tool: &str, arguments: Value) -> Post {
    let meta = json!({ "progressToken": 1 });
    let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
    Post::legacy(version, "tools/call", params)
}

#[tokio::test]
async fn a_client_may_initialize_and_go_on_without_a_session() {
    let site = Site::start().await;
    for (asked, agreed) in [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2026-07-28", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let answer = site.send(&initialize(asked)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["result"]["protocolVersion"], agreed);
    }
    let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let post = Post::new(initialized).header("MCP-Protocol-Version", "2025-11-25");
    assert_eq!(site.send(&post).await.status, 202);
    for version in [Some("2025-11-25"), Some("2025-06-18"), None] {
        let answer = site
            .send(&call(version, "add", json!({ "a": 1, "b": 2 })))
            .await;
        let result = &answer.json()["result"];
        assert_eq!(result["structuredContent"], json!({ "result": 3 }));
        assert!(result.get("resultType").is_none() && result.get("_meta").is_none());
    }
    let answer = site
        .send(&Post::legacy(Some("2025-11-25"), "ping", json!({})))
        .await;
    assert_eq!(answer.json()["result"], json!({}));
}

#[tokio::test]
async fn errors_of_those_revisions_have_no_status_of_their_own() {
    let site = Site::start().await;
    for (post, code) in [
        (Post::legacy(None, "unknown/method", json!({})), -32601),
        (
            Post::legacy(None, "resources/subscribe", json!({ "uri": "note://1" })),
            -32600,
        ),
        (
            Post::legacy(None, "tools/call", json!({ "name": 5 })),
            -32602,
        ),
        (
            Post::legacy(None, "tools/call", json!({ "name": "nothing" })),
            -32602,
        ),
        (
            Post::legacy(None, "resources/read", json!({ "uri": "note://2" })),
            -32002,
        ),
        (Post::legacy(None, "server/discover", json!({})), -32602),
    ] {
        site.refuses(&post, 200, code).await;
    }
}

#[tokio::test]
async fn progress_comes_before_the_answer() {
    let site = Site::start().await;
    let answer = site
        .send(&call(Some("2025-06-18"), "count", json!({ "to": 2 })))
        .await;
    let events = answer.events();
    assert_eq!(
        events.last().unwrap()["result"]["structuredContent"]["result"],
        2
    );
    assert_eq!(events[0]["method"], "notifications/progress");
}

#[tokio::test]
async fn a_client_that_goes_has_not_taken_its_request_back() {
    let site = Site::start().await;
    for loud in [false, true] {
        let mut connection = site.connect().await;
        let post = call(Some("2025-11-25"), "wait", json!({ "loud": loud }));
        connection.write(post.bytes()).await;
        site.signals.begun.notified().await;
        drop(connection);
        site.is_well().await;
        site.signals.go.notify_one();
        site.signals.finished.notified().await;
    }
}
