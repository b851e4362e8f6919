//! Parameters and `#[arg(…)]`.

use std::collections::HashMap;

use mcp_runtime::{Call, CallError, FromCall, handlers, tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{connect, named};

const MOST: u32 = 50;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    #[default]
    Red,
    Green,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Page {
    /// Where it begins.
    from: u32,
}

/// Whoever calls, made of nothing.
struct Anybody;

impl FromCall for Anybody {
    fn from_call(_call: &Call) -> Result<Self, CallError> {
        Ok(Self)
    }
}

/// Takes arguments.
#[tool]
#[expect(
    clippy::too_many_arguments,
    unused_variables,
    reason = "one for each option"
)]
fn arguments(
    /// The item's name.
    #[arg(
        length(min = 1, max = 20),
        regex = "^[a-z]+$",
        example = "nut",
        example = "bolt"
    )]
    item: String,
    #[arg(range(min = 1, max = MOST), default = 1)] quantity: u32,
    #[arg(range(max = 0.5))] share: Option<f32>,
    #[arg(length(equal = 2))] pair: Vec<u8>,
    #[arg(default)] color: Color,
    #[arg(default = "somebody", title = "Your name", description = "Who asks.")] name: String,
    #[arg(rename = "sort-by")] order: Option<String>,
    _unused: Option<bool>,
    r#type: Option<u8>,
    #[arg(flatten)] page: Option<Page>,
    map: Option<HashMap<String, u8>>,
    _: Anybody,
    #[cfg(any())] never: Missing,
) -> String {
    format!(
        "{quantity} {item} for {name}, {color:?}, from {:?}",
        page.map(|page| page.from)
    )
}

async fn schema() -> Value {
    let client = connect(handlers![arguments]).await;
    named(&client.tools().await, "arguments")["inputSchema"].clone()
}

#[tokio::test]
async fn options_stand_in_the_schema() {
    let schema = schema().await;
    let properties = &schema["properties"];
    let item = &properties["item"];
    assert_eq!(item["description"], "The item's name.");
    assert_eq!(
        (&item["minLength"], &item["maxLength"]),
        (&json!(1), &json!(20))
    );
    assert_eq!(item["pattern"], "^[a-z]+$");
    assert_eq!(item["examples"], json!(["nut", "bolt"]));
    let quantity = &properties["quantity"];
    assert_eq!(
        (&quantity["minimum"], &quantity["maximum"]),
        (&json!(1), &json!(50))
    );
    assert_eq!(quantity["default"], 1);
    assert_eq!(properties["share"]["maximum"], 0.5);
    assert_eq!(
        (
            &properties["pair"]["minItems"],
            &properties["pair"]["maxItems"]
        ),
        (&json!(2), &json!(2))
    );
    assert_eq!(properties["color"]["default"], "red");
    assert_eq!(properties["name"]["default"], "somebody");
    assert_eq!(properties["name"]["title"], "Your name");
    assert_eq!(properties["name"]["description"], "Who asks.");
    assert_eq!(properties["from"]["description"], "Where it begins.");
}

#[tokio::test]
async fn names_are_those_of_the_signature_unless_renamed() {
    let schema = schema().await;
    let mut names: Vec<&str> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    let expected = [
        "color", "from", "item", "map", "name", "pair", "quantity", "share", "sort-by", "type",
        "unused",
    ];
    assert_eq!(names, expected);
    assert_eq!(schema["required"], json!(["item", "pair"]));
}

#[tokio::test]
async fn defaults_fill_in_and_limits_hold() {
    let client = connect(handlers![arguments]).await;
    let text = client
        .call("arguments", json!({ "item": "nut", "pair": [1, 2] }))
        .await
        .text();
    assert_eq!(text, "1 nut for somebody, Red, from None");
    let all = json!({ "item": "nut", "pair": [1, 2], "quantity": 50, "from": 3, "color": "green", "name": "me" });
    let text = client.call("arguments", all).await.text();
    assert_eq!(text, "50 nut for me, Green, from Some(3)");
    let wrong = json!({ "item": "", "pair": [1], "quantity": 51, "share": 0.6 });
    let result = client.call("arguments", wrong).await;
    let mut paths: Vec<String> = result
        .problems()
        .iter()
        .map(|problem| problem.path.clone())
        .collect();
    paths.dedup();
    assert_eq!(paths, ["/item", "/quantity", "/share", "/pair"]);
}
