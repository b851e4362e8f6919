//! What a tool may take: values with constraints and defaults, types of one's own, a schema written by hand.

use mcp_runtime::{
    Handlers, handlers,
    serde_json::{Value, json},
    tool,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) fn handlers() -> Handlers {
    handlers![add, order, test_custom_header, json_schema_2020_12_tool]
}

/// Adds two numbers.
#[tool(read_only)]
fn add(
    /// The first number.
    a: i64,
    /// The second number.
    b: i64,
) -> Result<i64, &'static str> {
    a.checked_add(b).ok_or("the sum is too large")
}

/// The color of an item.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Green,
    Blue,
}

/// Where to send it.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Address {
    street: String,
    /// Five digits.
    #[schemars(regex(pattern = r"^\d{5}$"))]
    zip: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Receipt {
    item: String,
    quantity: u32,
    color: Color,
    address: Option<Address>,
}

/// Orders an item.
#[tool]
fn order(
    /// The item's name.
    #[arg(length(min = 1), example = "nut")]
    item: String,
    /// How many to order.
    #[arg(range(min = 1, max = 100))]
    quantity: u32,
    #[arg(default = Color::Red)] color: Color,
    address: Option<Address>,
) -> Receipt {
    Receipt {
        item,
        quantity,
        color,
        address,
    }
}

/// Answers with a value that HTTP clients repeat in a header.
#[tool(read_only)]
fn test_custom_header(#[arg(header = "Value")] value: String) -> String {
    value
}

/// Takes what a schema written by hand allows.
#[tool(read_only, input_schema = contact_schema)]
fn json_schema_2020_12_tool(name: Option<String>, address: Option<Value>) -> String {
    let name = name.unwrap_or_else(|| "nobody".to_owned());
    let place = address.map_or_else(|| "nowhere".to_owned(), |address| address.to_string());
    format!("{name} lives at {place}")
}

fn contact_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::{Protocol, TestClient};

    use super::*;
    use crate::server;

    #[tokio::test]
    async fn a_sum_is_structured_and_text() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let sum = client.call("add", json!({ "a": 2, "b": 3 })).await;
            assert_eq!((sum.structured::<i64>(), &*sum.text()), (5, "5"));
        }
    }

    #[tokio::test]
    async fn an_order_is_checked_before_it_is_taken() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let order = json!({ "item": "nut", "quantity": 3 });
            let receipt: Receipt = client.call("order", order).await.structured();
            let expected = Receipt {
                item: "nut".into(),
                quantity: 3,
                color: Color::Red,
                address: None,
            };
            assert_eq!(receipt, expected);
            let address = json!({ "street": "x", "zip": "1" });
            let wrong = json!({ "quantity": 0, "color": "pink", "address": address });
            let problems = client.call("order", wrong).await.problems();
            let paths: Vec<&str> = problems.iter().map(|problem| &*problem.path).collect();
            assert_eq!(paths, ["/item", "/quantity", "/color", "/address/zip"]);
        }
    }

    #[tokio::test]
    async fn a_schema_written_by_hand_reaches_the_client_whole() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let tools = client.tools().await;
            let tool = |name| tools.iter().find(|tool| tool["name"] == name);
            let schema = &tool("json_schema_2020_12_tool").unwrap()["inputSchema"];
            assert_eq!(schema, &contact_schema());
            let value = &tool("test_custom_header").unwrap()["inputSchema"]["properties"]["value"];
            assert_eq!(value["x-mcp-header"], "Value");
        }
    }

    #[tokio::test]
    async fn a_schema_written_by_hand_is_checked() {
        let client = TestClient::connect(server()).await;
        let name = "json_schema_2020_12_tool";
        assert!(client.call(name, ()).await.is_error());
        let right = json!({ "name": "Ada", "email": "ada@example.com" });
        assert_eq!(
            client.call(name, right).await.text(),
            "Ada lives at nowhere"
        );
    }
}
