#![allow(unused)]

use mcp_runtime::tool;

#[derive(serde::Deserialize)]
struct Color;

/// Paints.
#[tool]
fn paint(color: Color) {}

fn main() {}
