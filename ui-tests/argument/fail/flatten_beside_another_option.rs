#![allow(unused)]

use mcp_runtime::tool;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Point {
    x: i64,
}

/// Draws.
#[tool]
fn draw(#[arg(flatten, rename = "at")] point: Point) {}

fn main() {}
