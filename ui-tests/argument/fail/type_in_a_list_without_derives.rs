#![allow(unused)]

use mcp_runtime::tool;

struct Color;

/// Paints.
#[tool]
fn paint(colors: Vec<Color>) {}

fn main() {}
