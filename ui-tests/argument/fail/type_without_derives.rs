#![allow(unused)]

use mcp_runtime::tool;

struct Color;

/// Paints.
#[tool]
async fn paint(wall: String, color: Color) {}

fn main() {}
