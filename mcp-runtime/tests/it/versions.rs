//! Which revisions are served, and what those get that know less.

use mcp_runtime::{
    Content, Contents, Context, PromptMessage, Server, Service, handlers, prompt,
    testing::TestClient, tool,
};
use serde_json::{Value, json};

use crate::raw::{Raw, modern};

const ALL: [&str; 3] = ["2026-07-28", "2025-11-25", "2025-06-18"];
const WITH_OLDER: [&str; 5] = [
    "2026-07-28",
    "2025-11-25",
    "2025-06-18",
    "2025-03-26",
    "2024-11-05",
];

/// Adds two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Returns what not all revisions know.
#[tool]
fn media() -> Contents {
    [
        Content::text("text"),
        Content::audio(b"wav", "audio/wav"),
        Content::resource_link("note://1", "One"),
    ]
    .into_iter()
    .collect()
}

/// Reports progress.
#[tool]
async fn reports(ctx: Context) {
    ctx.progress(1, 2, "half").await;
}

/// Shows audio.
#[prompt]
fn listen() -> PromptMessage {
    PromptMessage::user(Content::audio(b"wav", "audio/wav"))
}

fn service(older: bool) -> Service {
    let server = Server::new("versions", "1").older_versions(older);
    let server = server.add(handlers![add, media, reports, listen]);
    server.build().unwrap()
}

async fn discovered(service: &Service) -> [Value; 2] {
    let client = TestClient::connect(service.clone()).await;
    let by_rmcp = client.request("server/discover", json!({})).await.unwrap();
    let mut raw = Raw::connect(service);
    let mut by_us = raw.ask("server/discover", modern(json!({}))).await;
    [
        by_rmcp["supportedVersions"].clone(),
        by_us["result"]["supportedVersions"].take(),
    ]
}

async fn refused(service: &Service, version: &str) -> Value {
    let mut raw = Raw::connect(service);
    let mut params = modern(json!({}));
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = version.into();
    let mut answer = raw.ask("tools/list", params).await;
    assert_eq!(answer["error"]["code"], -32022, "{answer}");
    answer["error"]["data"]["supported"].take()
}

#[tokio::test]
async fn three_revisions_are_served_unless_the_author_wants_more() {
    for (older, expected) in [(false, &ALL[..]), (true, &WITH_OLDER)] {
        let service = service(older);
        for versions in discovered(&service).await {
            assert_eq!(versions, json!(expected));
        }
        assert_eq!(refused(&service, "1999-01-01").await, json!(expected));
        for version in ["2025-03-26", "2024-11-05"] {
            let (_, answer) = Raw::initialized(&service, version).await;
            let spoken = if older { version } else { "2025-11-25" };
            assert_eq!(answer["protocolVersion"], spoken);
        }
    }
}

#[tokio::test]
async fn a_result_has_what_its_revision_knows() {
    let service = service(true);
    let audio = "(audio of the type audio/wav, which cannot be sent)";
    for (version, kinds) in [
        ("2025-06-18", ["text", "audio", "resource_link"]),
        ("2025-03-26", ["text", "audio", "text"]),
        ("2024-11-05", ["text", "text", "text"]),
    ] {
        let (mut client, _) = Raw::initialized(&service, version).await;
        let result = client.call("media", json!({})).await;
        let blocks = result["content"].as_array().unwrap();
        let sent: Vec<&Value> = blocks.iter().map(|block| &block["type"]).collect();
        assert_eq!(sent, kinds, "{version}");
        if kinds[2] == "text" {
            assert_eq!(blocks[2]["text"], "note://1");
        }
        let prompt = client.ask("prompts/get", json!({ "name": "listen" })).await;
        let content = &prompt["result"]["messages"][0]["content"];
        assert_eq!(content["type"], kinds[1], "{version}");
        if kinds[1] == "text" {
            assert_eq!(
                (&blocks[1]["text"], &content["text"]),
                (&json!(audio), &json!(audio))
            );
        }
    }
}

#[tokio::test]
async fn structured_content_comes_with_an_output_schema_or_not_at_all() {
    let service = service(true);
    for version in &WITH_OLDER[1..] {
        let (mut client, _) = Raw::initialized(&service, version).await;
        let result = client.call("add", json!({ "a": 1, "b": 2 })).await;
        let list = client.ask("tools/list", json!({})).await;
        let structured = *version >= "2025-06-18";
        assert_eq!(
            result["structuredContent"].is_object(),
            structured,
            "{version}"
        );
        let schema = &list["result"]["tools"][0]["outputSchema"];
        assert_eq!(schema.is_object(), structured, "{version}");
        assert_eq!(result["content"][0]["text"], "3");
    }
}

#[tokio::test]
async fn progress_has_a_message_where_the_revision_has_one() {
    let service = service(true);
    for version in &WITH_OLDER[1..] {
        let (mut client, _) = Raw::initialized(&service, version).await;
        let params = json!({ "name": "reports", "_meta": { "progressToken": 1 } });
        let told = client.ask("tools/call", params).await;
        assert_eq!(told["method"], "notifications/progress", "{told}");
        let message = told["params"].get("message");
        assert_eq!(message.is_some(), *version > "2024-11-05", "{version}");
    }
}
