//! Revisions, and the headers that repeat what the body says.

use serde_json::{Value, json};

use crate::{client::Post, fixture::Site};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

fn meta(change: impl Fn(&mut Value)) -> Post {
    Post::add().change(|body| change(&mut body["params"]["_meta"]))
}

#[tokio::test]
async fn the_revision_stands_in_header_and_body_alike() {
    let site = Site::start().await;
    for post in [
        Post::add().without("MCP-Protocol-Version"),
        Post::add().header("MCP-Protocol-Version", "2025-11-25"),
        Post::add().header("MCP-Protocol-Version", "1999-01-01"),
        Post::add().also("MCP-Protocol-Version", "2025-11-25"),
        Post::add().also("MCP-Protocol-Version", "2026-07-28"),
        meta(|meta| meta[VERSION] = "v999.0.0".into()),
        meta(|meta| meta[VERSION] = "2025-11-25".into()),
    ] {
        let answer = site.refuses(&post, 400, -32020).await;
        assert_eq!(answer.json()["id"], 7);
    }
}

#[tokio::test]
async fn a_revision_that_is_not_served_is_refused_with_those_that_are() {
    let site = Site::start().await;
    for version in ["1999-01-01", "9999-99-99", "v999.0.0"] {
        let both = meta(|meta| meta[VERSION] = version.into());
        let header = Post::add()
            .change(|body| drop(body["params"].as_object_mut().unwrap().remove("_meta")));
        for post in [both, header] {
            let answer = site
                .refuses(&post.header("MCP-Protocol-Version", version), 400, -32022)
                .await;
            let error = &answer.json()["error"];
            assert_eq!(error["data"]["requested"], version);
            assert_eq!(
                error["data"]["supported"],
                json!(["2026-07-28", "2025-11-25", "2025-06-18"])
            );
        }
    }
    let empty = Post::legacy(Some(""), "tools/list", json!({}));
    site.refuses(&empty, 400, -32022).await;
}

#[tokio::test]
async fn a_request_without_its_surroundings_is_refused() {
    let site = Site::start().await;
    for post in [
        Post::add().change(|body| drop(body["params"].as_object_mut().unwrap().remove("_meta"))),
        Post::add().change(|body| body["params"]["_meta"] = json!([])),
        meta(|meta| drop(meta.as_object_mut().unwrap().remove(VERSION))),
        meta(|meta| drop(meta.as_object_mut().unwrap().remove(CAPABILITIES))),
        meta(|meta| meta[CAPABILITIES] = json!([])),
        meta(|meta| meta[VERSION] = json!(5)),
    ] {
        let answer = site.refuses(&post, 400, -32602).await;
        assert_eq!(answer.json()["id"], 7);
    }
}

#[tokio::test]
async fn the_method_stands_in_header_and_body_alike() {
    let site = Site::start().await;
    for post in [
        Post::add().without("Mcp-Method"),
        Post::add().header("Mcp-Method", "tools/list"),
        Post::add().header("Mcp-Method", "TOOLS/CALL"),
        Post::add().also("Mcp-Method", "tools/call"),
    ] {
        site.refuses(&post, 400, -32020).await;
    }
    for name in ["mcp-method", "MCP-METHOD"] {
        let post = Post::add().without("Mcp-Method").header(name, "tools/call");
        assert_eq!(site.send(&post).await.status, 200);
    }
}

#[tokio::test]
async fn the_name_stands_in_header_and_body_alike() {
    let site = Site::start().await;
    for post in [
        Post::add().without("Mcp-Name"),
        Post::add().header("Mcp-Name", "panic"),
        Post::add().header("Mcp-Name", "ADD"),
        Post::add().also("Mcp-Name", "add"),
        Post::add().header("Mcp-Name", "=?base64?YWRk=?="),
        Post::add().header("Mcp-Name", "=?base64?YW!k?="),
        Post::add().header("Mcp-Name", "=?base64?/w==?="),
        Post::add().header("Mcp-Name", "=?BASE64?YWRk?="),
        Post::add().header("Mcp-Name", "\u{e4}dd"),
        Post::modern("resources/read", json!({ "uri": "note://1" })).header("Mcp-Name", "note://2"),
        Post::modern("prompts/get", json!({ "name": "greet" })).without("Mcp-Name"),
    ] {
        site.refuses(&post, 400, -32020).await;
    }
    for name in ["  add  ", "=?base64?YWRk?="] {
        let answer = site.send(&Post::add().header("Mcp-Name", name)).await;
        assert_eq!(answer.json()["result"]["structuredContent"], 3, "{name}");
    }
}

#[tokio::test]
async fn arguments_stand_in_header_and_body_alike() {
    let site = Site::start().await;
    let deploy = |arguments| Post::call("deploy", arguments);
    let region = |value| deploy(json!({ "region": value }));
    for post in [
        region("eu"),
        region("eu").header("Mcp-Param-Region", "us"),
        region("eu")
            .header("Mcp-Param-Region", "eu")
            .also("Mcp-Param-Region", "eu"),
        region("Hello").header("Mcp-Param-Region", "=?base64?SGVsbG8?="),
        region("Hello").header("Mcp-Param-Region", "=?base64?SGVs!!!bG8=?="),
        region("eu").header("Mcp-Param-Region", "e\u{fc}"),
        deploy(json!({})).header("Mcp-Param-Region", "eu"),
        deploy(json!({ "region": null })).header("Mcp-Param-Region", "null"),
        deploy(json!({ "count": 42 })).header("Mcp-Param-Count", "43"),
        deploy(json!({ "count": 42 })).header("Mcp-Param-Count", "forty-two"),
        deploy(json!({ "dryRun": true })).header("Mcp-Param-Region", "eu"),
        deploy(json!({ "dry_run": true })).header("Mcp-Param-Dry-Run", "True"),
    ] {
        site.refuses(&post, 400, -32020).await;
    }
}

#[tokio::test]
async fn arguments_in_headers_are_read_as_what_they_mean() {
    let site = Site::start().await;
    let deploy = |arguments| Post::call("deploy", arguments);
    let region = |value| deploy(json!({ "region": value }));
    for (post, said) in [
        (
            region("eu").header("mcp-param-region", "eu"),
            r#"Some("eu") None None"#,
        ),
        (
            region("Hello").header("Mcp-Param-Region", "=?base64?SGVsbG8=?="),
            r#"Some("Hello") None None"#,
        ),
        (
            region("SGVsbG8=").header("Mcp-Param-Region", "SGVsbG8="),
            r#"Some("SGVsbG8=") None None"#,
        ),
        (
            region("=?base64?SGVsbG8=").header("Mcp-Param-Region", "=?base64?SGVsbG8="),
            r#"Some("=?base64?SGVsbG8=") None None"#,
        ),
        (
            deploy(json!({ "count": 42 })).header("Mcp-Param-Count", "42.0"),
            "None Some(42) None",
        ),
        (
            deploy(json!({ "count": 42.0 })).header("Mcp-Param-Count", "42"),
            "None Some(42) None",
        ),
        (
            deploy(json!({ "dry_run": false })).header("Mcp-Param-Dry-Run", "false"),
            "None None Some(false)",
        ),
        (
            deploy(json!({})).header("Mcp-Param-Unknown", "x"),
            "None None None",
        ),
    ] {
        let answer = site.send(&post).await;
        assert_eq!(
            answer.json()["result"]["content"][0]["text"],
            said,
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn headers_of_an_unknown_tool_are_not_looked_at() {
    let site = Site::start().await;
    let post = Post::call("nothing", json!({ "region": "eu" }));
    site.send(&post.header("Mcp-Param-Region", "us"))
        .await
        .is_error(-32602);
}

#[tokio::test]
async fn methods_that_are_gone_or_never_were_are_not_found() {
    let site = Site::start().await;
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "unknown/method",
        "completion/complete",
    ] {
        for params in [json!({}), json!({ "uri": "note://1", "level": "info" })] {
            let answer = site
                .refuses(&Post::modern(method, params), 404, -32601)
                .await;
            assert_eq!(answer.json()["id"], 7);
        }
    }
}

#[tokio::test]
async fn an_initialize_that_is_of_two_revisions_opens_nothing() {
    let site = Site::start().await;
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "x", "version": "1" },
    });
    let post = Post::legacy(Some("2026-07-28"), "initialize", params);
    let answer = site
        .refuses(&post.header("Mcp-Method", "initialize"), 400, -32602)
        .await;
    assert!(!answer.has_header("mcp-session-id"));
    let ping = Post::legacy(Some("2026-07-28"), "ping", json!({}));
    site.refuses(&ping.header("Mcp-Method", "ping"), 400, -32602)
        .await;
}

#[tokio::test]
async fn a_header_is_one_line_and_what_it_means_may_be_more() {
    let site = Site::start().await;
    let deploy = |region| Post::call("deploy", json!({ "region": region }));
    let encoded = deploy("e\r\nu").header("Mcp-Param-Region", "=?base64?ZQ0KdQ==?=");
    let answer = site.send(&encoded).await;
    let said = &answer.json()["result"]["content"][0]["text"];
    assert_eq!(said, r#"Some("e\r\nu") None None"#);
    for name in ["Mcp-Param-Region", "Mcp-Name"] {
        let folded = deploy("e\r\n u").header(name, "e\r\n u");
        assert_eq!(site.send(&folded).await.status, 400);
        site.is_well().await;
    }
}

#[tokio::test]
async fn a_method_is_never_encoded() {
    let site = Site::start().await;
    let post = Post::add().header("Mcp-Method", "=?base64?dG9vbHMvY2FsbA==?=");
    site.refuses(&post, 400, -32020).await;
}
