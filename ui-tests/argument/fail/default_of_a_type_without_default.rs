#![allow(unused)]

use mcp_runtime::tool;

#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
enum Color {
    Red,
}

/// Paints.
#[tool]
fn paint(#[arg(default)] color: Color) {}

fn main() {}
