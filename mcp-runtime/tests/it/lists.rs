//! Lists, pages and capabilities.

use mcp_runtime::{
    Server, handlers, prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};

/// The first.
///
/// With a second paragraph.
#[tool(
    title = "First",
    read_only,
    open_world = false,
    icons("https://example.com/icon.png"),
    meta("example.com/team" = "infra"),
    tags("a", "b")
)]
fn zebra(
    /// How many.
    #[arg(range(min = 1, max = 5), default = 2, example = 3)]
    count: u8,
    #[arg(rename = "from", length(max = 9), regex = "^[a-z]+$")] source: Option<String>,
    /// Which ones.
    #[arg(length(min = 1))]
    names: Vec<String>,
) -> String {
    format!("{count} {source:?} {names:?}")
}

/// The second.
#[tool]
fn apple() {}

/// The third.
#[tool]
fn mango() {}

/// A template.
#[resource("a://{x}")]
fn template(x: String) -> String {
    x
}

/// A prompt.
#[prompt]
fn ask(
    /// What about.
    topic: String,
    words: Option<u8>,
) -> String {
    format!("{topic} {words:?}")
}

fn server() -> Server {
    Server::new("lists", "1").add(handlers![zebra, apple, mango, template, ask])
}

#[tokio::test]
async fn lists_are_in_the_order_of_registration() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        let tools = client.tools().await;
        let names: Vec<&Value> = tools.iter().map(|tool| &tool["name"]).collect();
        assert_eq!(names, ["zebra", "apple", "mango"]);
    }
}

#[tokio::test]
async fn a_definition_says_everything_that_the_function_says() {
    let client = TestClient::connect(server()).await;
    let expected = json!({
        "name": "zebra",
        "title": "First",
        "description": "The first.\n\nWith a second paragraph.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "count": {
                    "type": "integer", "description": "How many.", "minimum": 1, "maximum": 5, "default": 2, "examples": [3],
                },
                "from": { "type": "string", "maxLength": 9, "pattern": "^[a-z]+$" },
                "names": { "type": "array", "description": "Which ones.", "items": { "type": "string" }, "minItems": 1 },
            },
            "required": ["names"],
            "additionalProperties": false,
        },
        "annotations": { "readOnlyHint": true, "openWorldHint": false },
        "icons": [{ "src": "https://example.com/icon.png" }],
        "_meta": { "example.com/team": "infra", "mcp-runtime/tags": ["a", "b"] },
    });
    assert_eq!(client.tools().await[0], expected);
    let arguments = json!([{ "name": "topic", "description": "What about.", "required": true }, { "name": "words", "required": false }]);
    assert_eq!(client.prompts().await[0]["arguments"], arguments);
}

#[tokio::test]
async fn a_list_is_cut_into_pages() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server().page_size(2), protocol).await;
        let first = client.request("tools/list", json!({})).await.unwrap();
        assert_eq!(first["tools"].as_array().unwrap().len(), 2);
        let cursor = &first["nextCursor"];
        let second = client
            .request("tools/list", json!({ "cursor": cursor }))
            .await
            .unwrap();
        assert_eq!(
            (&second["tools"][0]["name"], &second["nextCursor"]),
            (&json!("mango"), &Value::Null)
        );
        assert_eq!(client.tools().await.len(), 3);
    }
}

#[tokio::test]
async fn a_cursor_that_was_not_issued_is_refused() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server().page_size(1), protocol).await;
        let list = client.request("tools/list", json!({})).await.unwrap();
        for cursor in [
            json!(""),
            json!("x"),
            json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ] {
            let refusal = client
                .request("tools/list", json!({ "cursor": cursor }))
                .await
                .unwrap_err();
            assert_eq!(refusal.code, -32602, "{cursor}");
        }
        let foreign = client
            .request("prompts/list", json!({ "cursor": list["nextCursor"] }))
            .await
            .unwrap_err();
        assert_eq!(foreign.code, -32602);
    }
}

#[tokio::test]
async fn capabilities_say_what_is_served_and_nothing_else_is() {
    for &protocol in Protocol::ALL {
        let client =
            TestClient::connect_as(Server::new("tools", "1").add(handlers![apple]), protocol).await;
        assert_eq!(client.capabilities(), json!({ "tools": {} }));
        for (method, params) in [
            ("prompts/list", json!({})),
            ("prompts/get", json!({ "name": "x" })),
            ("resources/list", json!({})),
            ("resources/templates/list", json!({})),
            ("resources/read", json!({ "uri": "a://b" })),
            ("logging/setLevel", json!({ "level": "info" })),
            ("resources/subscribe", json!({ "uri": "a://b" })),
            ("no/such/method", json!({})),
        ] {
            let refusal = client.request(method, params).await.unwrap_err();
            assert_eq!(refusal.code, -32601, "{method} {protocol}");
        }
    }
}

#[tokio::test]
async fn malformed_parameters_are_refused_as_such() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        for (method, params) in [
            ("tools/call", json!({})),
            ("tools/call", json!({ "name": 5 })),
            ("tools/call", json!({ "name": "apple", "arguments": [] })),
            ("resources/read", json!({ "uri": null })),
            ("prompts/get", json!({ "arguments": {} })),
        ] {
            let refusal = client.request(method, params.clone()).await.unwrap_err();
            assert_eq!(refusal.code, -32602, "{method} {params}");
        }
    }
}

#[tokio::test]
async fn the_surface_is_worth_a_snapshot() {
    let client = TestClient::connect(Server::new("surface", "9").add(handlers![apple, ask])).await;
    insta::assert_json_snapshot!(client.surface().await);
}
