#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(a: i64, #[arg(rename = "a")] b: i64) {}

fn main() {}
