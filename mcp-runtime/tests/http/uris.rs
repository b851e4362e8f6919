//! URIs of resources, as clients may write them.

use data_encoding::BASE64;
use serde_json::json;

use crate::{client::Post, fixture::Site};

/// A read whose header carries any URI.
fn read(uri: &str) -> Post {
    let name = format!("=?base64?{}?=", BASE64.encode(uri.as_bytes()));
    Post::modern("resources/read", json!({ "uri": uri })).header("Mcp-Name", &name)
}

#[tokio::test]
async fn what_is_read_is_what_the_template_matches_and_nothing_else() {
    let site = Site::start().await;
    for uri in ["note://1", "NOTE://1", "note://%31"] {
        let answer = site.send(&read(uri)).await;
        let contents = &answer.json()["result"]["contents"];
        assert_eq!(contents[0]["text"], "the first", "{uri}");
    }
    for uri in [
        "",
        "note://",
        "note://2",
        "note://1/",
        "note://1/2",
        "note://1%2F2",
        "note://%2531",
        "note://1?x",
        "note://1#x",
        "note://1\0",
        "note://1%00",
        " note://1",
        "note://\u{661}",
        "file:///a/../../etc/passwd",
        "file:///etc/passwd",
        "file://evil/etc/passwd",
        "note://../../etc/passwd",
        "note://..%2f..%2fetc%2fpasswd",
        "note://%2e%2e/etc/passwd",
        "note://..\\etc",
        "//host/share",
        "C:\\Windows",
        "note://m\u{fc}nchen.example",
    ] {
        let answer = site.send(&read(uri)).await;
        answer.is_error(-32602);
        assert!(!answer.json().to_string().contains("root:"), "{uri}");
        site.is_well().await;
    }
}

#[tokio::test]
async fn a_uri_that_no_header_can_hold_is_refused_by_its_head() {
    let site = Site::start().await;
    let uri = format!("note://{}", "1".repeat(64 * 1024));
    let post = Post::modern("resources/read", json!({ "uri": uri }));
    assert_eq!(site.send(&post).await.status, 431);
    // One that only the body holds is held against the header.
    let other = post.header("Mcp-Name", "note://1");
    site.refuses(&other, 400, -32020).await;
    // A long one is repeated in no error.
    let long = format!("note://{}", "1".repeat(32 * 1024));
    let post = Post::modern("resources/read", json!({ "uri": long }));
    let answer = site.send(&post).await;
    answer.is_error(-32602);
    let message = answer.json()["error"]["message"].to_string();
    assert!(message.len() < 1024, "{}", message.len());
}
