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

/// A value that HTTP clients repeat in a header, for whoever routes the request.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline, extend("x-mcp-header" = "Value"))]
struct Mirrored(String);

/// Answers with a value that HTTP clients repeat in a header.
#[tool(read_only)]
fn test_custom_header(value: Mirrored) -> String {
    value.0
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
