#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(#[arg(rename = "first number")] a: i64) {}

fn main() {}
