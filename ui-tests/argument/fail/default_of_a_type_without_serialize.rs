#![allow(unused)]

use mcp_runtime::tool;

#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
struct Color;

/// Paints.
#[tool]
fn paint(#[arg(default)] color: Color) {}

fn main() {}
