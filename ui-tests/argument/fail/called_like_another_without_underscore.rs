#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(a: i64, _a: i64) {}

fn main() {}
