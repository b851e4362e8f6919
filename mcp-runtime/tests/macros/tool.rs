//! `#[tool]`.

use std::time::Duration;

use mcp_runtime::{CallError, Context, State, handlers, tool};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Stock, connect, named};

#[derive(Serialize, schemars::JsonSchema)]
struct Receipt {
    left: u32,
}

/// Orders an item.
///
/// - once
///   - or twice
#[tool]
async fn order(_ctx: Context, stock: State<Stock>, quantity: u32) -> Result<Receipt, CallError> {
    let left = stock.0.checked_sub(quantity);
    let left = left.ok_or_else(|| CallError::new(format!("only {} are left", stock.0)))?;
    Ok(Receipt { left })
}

#[tool(
    name = "every.option-1",
    title = "Every option",
    description = "Has them all.",
    icons("https://example.com/a.png", "data:image/png;base64,AA=="),
    meta("example.com/cost" = LIMIT, "plain" = { "nested": [1, true] }),
    tags("a", "b"),
    timeout = "90s",
    read_only,
    destructive = false,
    idempotent = true,
    open_world = false,
    output_schema = false
)]
fn every_option() -> Receipt {
    Receipt { left: LIMIT }
}

const LIMIT: u32 = 3;

#[tool(description = concat!("com", "puted"), title = TITLE)]
fn computed() {}

const TITLE: &str = "A constant";

#[doc = "First."]
#[doc = include_str!("more.md")]
#[tool]
fn included() {}

#[allow(missing_docs, reason = "what is checked")]
#[tool]
fn undocumented() {}

/// Takes what a schema by hand says.
#[tool(input_schema = any_point)]
fn by_hand(x: f64) -> f64 {
    x
}

fn any_point() -> Value {
    json!({ "type": "object", "properties": { "x": { "type": "number", "multipleOf": 0.5 } }, "required": ["x"] })
}

/// Never ends.
#[tool(timeout = "50ms")]
async fn endless() {
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn the_doc_comment_is_the_description() {
    let client = connect(handlers![order, computed, included, undocumented]).await;
    let tools = client.tools().await;
    let description = |name| named(&tools, name)["description"].clone();
    assert_eq!(
        description("order"),
        "Orders an item.\n\n- once\n  - or twice"
    );
    assert_eq!(description("computed"), "computed");
    assert_eq!(named(&tools, "computed")["title"], "A constant");
    assert_eq!(description("included"), "First.\nFrom a file.\n");
    assert_eq!(description("undocumented"), Value::Null);
}

#[tokio::test]
async fn every_option_reaches_the_client() {
    let client = connect(handlers![every_option]).await;
    let tools = client.tools().await;
    let tool = named(&tools, "every.option-1");
    assert_eq!(tool["title"], "Every option");
    assert_eq!(tool["description"], "Has them all.");
    assert_eq!(tool["icons"][0]["src"], "https://example.com/a.png");
    assert_eq!(tool["icons"][1]["src"], "data:image/png;base64,AA==");
    assert_eq!(tool["_meta"]["example.com/cost"], 3);
    assert_eq!(tool["_meta"]["plain"], json!({ "nested": [1, true] }));
    assert_eq!(tool["_meta"]["mcp-runtime/tags"], json!(["a", "b"]));
    let annotations = json!({ "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false });
    assert_eq!(tool["annotations"], annotations);
    assert_eq!(tool["outputSchema"], Value::Null);
}

#[tokio::test]
async fn what_no_option_says_is_left_to_the_protocol() {
    let client = connect(handlers![order]).await;
    let tools = client.tools().await;
    let tool = named(&tools, "order");
    for absent in ["title", "icons", "annotations", "_meta"] {
        assert_eq!(tool[absent], Value::Null, "{absent}");
    }
    assert_eq!(
        tool["outputSchema"]["properties"]["left"]["type"],
        "integer"
    );
}

#[tokio::test]
async fn a_schema_by_hand_is_the_one_that_is_checked() {
    let client = connect(handlers![by_hand]).await;
    let tools = client.tools().await;
    assert_eq!(
        named(&tools, "by_hand")["inputSchema"]["properties"]["x"]["multipleOf"],
        0.5
    );
    let half: f64 = client
        .call("by_hand", json!({ "x": 1.5 }))
        .await
        .structured();
    assert!((half - 1.5).abs() < f64::EPSILON);
    assert!(client.call("by_hand", json!({ "x": 1.3 })).await.is_error());
}

#[tokio::test(start_paused = true)]
async fn a_timeout_ends_the_call() {
    let client = connect(handlers![endless]).await;
    let before = tokio::time::Instant::now();
    assert!(client.call("endless", ()).await.is_error());
    assert_eq!(before.elapsed(), Duration::from_millis(50));
}

#[tokio::test]
async fn roles_are_no_arguments() {
    let client = connect(handlers![order]).await;
    let tools = client.tools().await;
    let properties = named(&tools, "order")["inputSchema"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["quantity"]);
    let receipt: Value = client
        .call("order", json!({ "quantity": 2 }))
        .await
        .structured();
    assert_eq!(receipt, json!({ "left": 5 }));
    assert_eq!(
        client.call("order", json!({ "quantity": 8 })).await.error(),
        "only 7 are left"
    );
}

#[tokio::test]
async fn a_tool_is_still_a_function() {
    let receipt = order(Context::detached(), State::new(Stock(3)), 1)
        .await
        .unwrap();
    assert_eq!(receipt.left, 2);
    assert_eq!(every_option().left, 3);
}
