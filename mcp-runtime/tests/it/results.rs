//! What the return types of tools become, in both forms of the protocol.

use mcp_runtime::{
    Audience, Content, Contents, Raw, ResourceContent, Server, handlers,
    rmcp::model::{CallToolResult, ContentBlock},
    testing::{Protocol, TestClient},
    tool,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// Nothing.
#[tool]
fn nothing() {}

/// A text.
#[tool]
fn text() -> &'static str {
    "plain"
}

/// A number.
#[tool]
fn number() -> i64 {
    5
}

#[derive(Serialize, JsonSchema)]
struct Receipt {
    item: String,
    left: u8,
}

/// An object.
#[tool]
fn object() -> Receipt {
    Receipt {
        item: "nut".to_owned(),
        left: 3,
    }
}

/// An object without an advertised schema.
#[tool(output_schema = false)]
fn unsaid() -> Receipt {
    object()
}

/// Maybe something.
#[tool]
fn maybe() -> Option<u8> {
    None
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
}

/// A unit enum is a text.
#[tool]
fn color() -> Color {
    Color::Red
}

/// Blocks of all kinds.
#[tool]
fn blocks() -> Contents {
    [
        Content::text("hi").audience(Audience::User).priority(7.0),
        Content::image([1, 2, 3], "image/png"),
        Content::audio([4], "audio/wav"),
        Content::resource_link("note://1", "note"),
        Content::resource(ResourceContent::bytes([0, 255]).uri("blob://1")),
    ]
    .into_iter()
    .collect()
}

/// By hand.
#[tool]
fn by_hand() -> Raw {
    Raw(CallToolResult::success(vec![ContentBlock::text("raw")]))
}

/// Breaks its own schema.
#[tool]
fn broken() -> Broken {
    Broken
}

/// A mean of nothing.
#[tool]
fn mean() -> f64 {
    let values: [f64; 0] = [];
    values.iter().sum::<f64>() / 0.0
}

struct Broken;

impl Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({ "item": 7 }).serialize(serializer)
    }
}

impl JsonSchema for Broken {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Broken".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Receipt::json_schema(generator)
    }
}

/// A text of that many bytes.
#[tool]
fn big(bytes: usize) -> String {
    "x".repeat(bytes)
}

fn server() -> Server {
    let all = handlers![
        nothing, text, number, object, unsaid, maybe, color, blocks, by_hand, broken, mean, big
    ];
    Server::new("results", "1").max_result_bytes(1000).add(all)
}

async fn answer(protocol: Protocol, tool: &str) -> Value {
    let client = TestClient::connect_as(server(), protocol).await;
    let mut answer = client.call(tool, ()).await.raw().clone();
    let answer = answer.as_object_mut().unwrap();
    answer.retain(|key, _| key == "content" || key == "structuredContent");
    answer.clone().into()
}

async fn output_schema(protocol: Protocol, tool: &str) -> Option<Value> {
    let client = TestClient::connect_as(server(), protocol).await;
    let tools = client.tools().await;
    tools
        .iter()
        .find(|definition| definition["name"] == tool)
        .unwrap()
        .get("outputSchema")
        .cloned()
}

fn only_text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

#[tokio::test]
async fn texts_are_text_and_nothing_is_nothing() {
    for &protocol in Protocol::ALL {
        assert_eq!(answer(protocol, "nothing").await, json!({ "content": [] }));
        assert_eq!(answer(protocol, "text").await, only_text("plain"));
        assert_eq!(answer(protocol, "color").await, only_text("red"));
        assert_eq!(answer(protocol, "by_hand").await, only_text("raw"));
        for tool in ["nothing", "text", "color", "by_hand", "blocks", "unsaid"] {
            assert_eq!(output_schema(protocol, tool).await, None, "{tool}");
        }
    }
}

#[tokio::test]
async fn objects_are_structured_and_their_own_text() {
    let text = r#"{"item":"nut","left":3}"#;
    let expected = json!({ "content": [{ "type": "text", "text": text }], "structuredContent": { "item": "nut", "left": 3 } });
    for &protocol in Protocol::ALL {
        assert_eq!(answer(protocol, "object").await, expected);
        assert_eq!(answer(protocol, "unsaid").await, expected);
        let schema = output_schema(protocol, "object").await.unwrap();
        assert_eq!(
            schema["properties"]["left"],
            json!({ "type": "integer", "minimum": 0, "maximum": 255 })
        );
    }
}

#[tokio::test]
async fn other_values_travel_in_an_object_where_sessions_want_one() {
    for (tool, value, text) in [("number", json!(5), "5"), ("maybe", Value::Null, "null")] {
        let modern = answer(Protocol::MODERN, tool).await;
        assert_eq!(modern["structuredContent"], value);
        let legacy = answer(Protocol::LEGACY, tool).await;
        assert_eq!(legacy["structuredContent"], json!({ "result": value }));
        for answer in [modern, legacy] {
            assert_eq!(answer["content"], json!([{ "type": "text", "text": text }]));
        }
    }
    assert_eq!(
        output_schema(Protocol::MODERN, "number").await.unwrap()["type"],
        "integer"
    );
    let legacy = output_schema(Protocol::LEGACY, "number").await.unwrap();
    assert_eq!(
        (&legacy["type"], &legacy["properties"]["result"]["type"]),
        (&json!("object"), &json!("integer"))
    );
}

#[tokio::test]
async fn blocks_are_made_from_bytes() {
    let expected = json!([
        { "type": "text", "text": "hi", "annotations": { "audience": ["user"], "priority": 1.0 } },
        { "type": "image", "data": "AQID", "mimeType": "image/png" },
        { "type": "audio", "data": "BA==", "mimeType": "audio/wav" },
        { "type": "resource_link", "uri": "note://1", "name": "note" },
        { "type": "resource", "resource": { "uri": "blob://1", "mimeType": "application/octet-stream", "blob": "AP8=" } },
    ]);
    assert_eq!(
        answer(Protocol::MODERN, "blocks").await["content"],
        expected
    );
}

#[tokio::test]
async fn a_result_that_breaks_its_schema_is_an_internal_error() {
    let client = TestClient::connect(server().validate_output(true)).await;
    assert_eq!(
        client.call("broken", ()).await.error_kind(),
        Some("internal")
    );
    let client = TestClient::connect(server().validate_output(false)).await;
    assert!(!client.call("broken", ()).await.is_error());
}

#[tokio::test]
async fn a_number_that_json_does_not_have_is_an_internal_error_in_any_build() {
    for protocol in [Protocol::MODERN, Protocol::LEGACY] {
        let client = TestClient::connect_as(server().validate_output(false), protocol).await;
        let answer = client.call("mean", ()).await;
        assert_eq!(answer.error_kind(), Some("internal"));
        assert!(!client.call("maybe", ()).await.is_error());
    }
}

#[tokio::test]
async fn a_result_over_the_limit_is_refused_in_words() {
    let client = TestClient::connect(server()).await;
    assert!(
        !client
            .call("big", json!({ "bytes": 1000 }))
            .await
            .is_error()
    );
    let refusal = client.call("big", json!({ "bytes": 1001 })).await;
    assert!(refusal.is_error());
    assert_eq!(
        refusal.text(),
        "the result is larger than 1000 bytes: ask for less"
    );
}
