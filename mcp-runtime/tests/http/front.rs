//! The head of a request: who may send it, and in what form.

use serde_json::json;

use crate::{client::Post, fixture::Site};

#[tokio::test]
async fn only_messages_are_taken() {
    let site = Site::start().await;
    for method in ["GET", "DELETE", "PUT", "OPTIONS", "PATCH"] {
        let mut post = Post::add();
        post.line = format!("{method} /mcp HTTP/1.1");
        let answer = site.refuses(&post, 405, -32600).await;
        assert_eq!(answer.header("allow"), "POST");
    }
}

#[tokio::test]
async fn other_paths_lead_nowhere() {
    let site = Site::start().await;
    for path in ["/", "/mcp/", "/mcp/x", "/MCP", "//mcp"] {
        let mut post = Post::add();
        post.line = format!("POST {path} HTTP/1.1");
        assert_eq!(site.send(&post).await.status, 404, "{path}");
        site.is_well().await;
    }
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let site = Site::start().await;
    for content_type in [
        "text/plain",
        "application/jsonp",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "application/x-www-form-urlencoded",
    ] {
        let post = Post::add().header("Content-Type", content_type);
        site.refuses(&post, 415, -32600).await;
    }
    site.refuses(&Post::add().without("Content-Type"), 415, -32600)
        .await;
    site.refuses(&Post::add().also("Content-Type", "text/plain"), 415, -32600)
        .await;
    let post = Post::add().header("Content-Type", "Application/JSON; charset=\"UTF-8\"");
    assert_eq!(site.send(&post).await.status, 200);
}

#[tokio::test]
async fn an_encoded_body_is_refused_whatever_it_holds() {
    let site = Site::start().await;
    for coding in ["gzip", "deflate", "x", "identity, gzip"] {
        let post = Post::add().header("Content-Encoding", coding);
        site.refuses(&post, 415, -32600).await;
    }
    let bomb = [b"\x1f\x8b\x08\0\0\0\0\0", &[0; 1000][..]].concat();
    let post = Post::add()
        .with_body(bomb)
        .header("Content-Encoding", "gzip");
    site.refuses(&post, 415, -32600).await;
    let post = Post::add().header("Content-Encoding", "identity");
    assert_eq!(site.send(&post).await.status, 200);
}

#[tokio::test]
async fn a_client_that_takes_neither_json_nor_events_is_refused() {
    let site = Site::start().await;
    for accept in ["text/html", "application/json;q=0", "image/*, text/plain"] {
        site.refuses(&Post::add().header("Accept", accept), 406, -32600)
            .await;
    }
    for accept in [
        "*/*",
        "application/json",
        "application/*",
        "text/html, */*;q=0.1",
    ] {
        let answer = site.send(&Post::add().header("Accept", accept)).await;
        assert_eq!(answer.json()["result"]["structuredContent"], 3);
    }
    let answer = site.send(&Post::add().without("Accept")).await;
    assert_eq!(answer.json()["result"]["structuredContent"], 3);
}

#[tokio::test]
async fn a_client_that_takes_only_events_gets_events() {
    let site = Site::start().await;
    for post in [Post::add(), Post::modern("tools/list", json!({}))] {
        let answer = site.send(&post.header("Accept", "text/event-stream")).await;
        assert_eq!(answer.status, 200);
        let events = answer.events();
        assert_eq!(events.len(), 1);
        assert!(events[0]["result"].is_object());
    }
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let site = Site::start().await;
    let own_port = site.address.port();
    let own_host = format!("127.0.0.1:{own_port}");
    for origin in [
        "http://evil.example.com",
        "null",
        "",
        &format!("http://127.0.0.1:{}", own_port ^ 1),
        &format!("https://127.0.0.1:{own_port}"),
        &format!("http://127.0.0.1:{own_port}.evil.example.com"),
        "http://127.0.0.1",
    ] {
        let post = Post::add()
            .header("Host", &own_host)
            .header("Origin", origin);
        let answer = site.refuses(&post, 403, -32600).await;
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains("allowed_origins"), "{message}");
    }
    let own = format!("http://127.0.0.1:{own_port}");
    let post = Post::add().header("Host", &own_host).header("Origin", &own);
    assert_eq!(site.send(&post).await.status, 200);
    site.refuses(&post.also("Origin", &own), 403, -32600).await;
}

#[tokio::test]
async fn pages_may_be_allowed() {
    let site = Site::start_with(|http| http.allowed_origins(["https://app.example.com"])).await;
    let post = Post::add().header("Origin", "https://app.example.com");
    let answer = site.send(&post).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.has_header("access-control-allow-origin"));
    site.refuses(&post.header("Origin", "https://example.com"), 403, -32600)
        .await;
}

#[tokio::test]
async fn other_hosts_are_refused() {
    let site = Site::start().await;
    for host in [
        "evil.example.com",
        "127.0.0.1.evil.example.com",
        "user@localhost",
        "localhost:x",
        "0.0.0.0",
    ] {
        let answer = site
            .refuses(&Post::add().header("Host", host), 403, -32600)
            .await;
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains("MCP_HTTP_ALLOWED_HOSTS"), "{message}");
    }
    for host in ["localhost:1", "LOCALHOST", "127.0.0.1", "[::1]:80"] {
        let answer = site.send(&Post::add().header("Host", host)).await;
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[tokio::test]
async fn a_host_that_is_missing_or_stands_twice_is_refused() {
    let site = Site::start().await;
    let mut post = Post::add().without("Host");
    site.refuses(&post, 400, -32600).await;
    post.line = "POST /mcp HTTP/1.0".into();
    site.refuses(&post, 400, -32600).await;
    let post = Post::add().also("Host", "localhost");
    site.refuses(&post, 400, -32600).await;
}

#[tokio::test]
async fn a_target_that_names_another_host_is_refused() {
    let site = Site::start().await;
    let mut post = Post::add();
    post.line = "POST http://localhost/mcp HTTP/1.1".into();
    assert_eq!(site.send(&post).await.status, 200);
    post.line = "POST http://evil.example.com/mcp HTTP/1.1".into();
    site.refuses(&post, 400, -32600).await;
    site.refuses(&post.header("Host", "evil.example.com"), 403, -32600)
        .await;
}

#[tokio::test]
async fn hosts_may_be_allowed() {
    let site = Site::start_with(|http| http.allowed_hosts(["mcp.example.com", "localhost"])).await;
    let answer = site
        .send(&Post::add().header("Host", "mcp.example.com:443"))
        .await;
    assert_eq!(answer.status, 200);
    let post = Post::add().header("Host", "mcp.example.com");
    let answer = site
        .send(&post.header("Origin", "https://mcp.example.com"))
        .await;
    assert_eq!(answer.status, 200);
    site.refuses(&Post::add().header("Host", "127.0.0.1"), 403, -32600)
        .await;
}

#[tokio::test]
async fn browsers_are_told_who_may_read_the_answers() {
    let site =
        Site::start_with(|http| http.allowed_origins(["https://app.example.com"]).cors(true)).await;
    let mut preflight = Post::new("")
        .header("Origin", "https://app.example.com")
        .header("Access-Control-Request-Method", "POST")
        .header(
            "Access-Control-Request-Headers",
            "mcp-method, mcp-param-region",
        );
    preflight.line = "OPTIONS /mcp HTTP/1.1".into();
    let answer = site.send(&preflight).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.com"
    );
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "mcp-method, mcp-param-region"
    );
    assert_eq!(
        answer.header("access-control-allow-methods"),
        "GET,POST,DELETE"
    );
    let answer = site
        .send(&preflight.header("Origin", "https://evil.example.com"))
        .await;
    assert!(!answer.has_header("access-control-allow-origin"));

    let post = Post::add().header("Origin", "https://app.example.com");
    let answer = site.send(&post).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.com"
    );
    assert!(
        answer
            .header("access-control-expose-headers")
            .contains("mcp-session-id")
    );
    assert_eq!(answer.json()["result"]["structuredContent"], 3);
    site.refuses(
        &post.header("Origin", "https://evil.example.com"),
        403,
        -32600,
    )
    .await;
}
