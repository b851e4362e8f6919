#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add((a, b): (i64, i64)) {}

fn main() {}
