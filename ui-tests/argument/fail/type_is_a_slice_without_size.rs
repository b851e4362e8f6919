#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(numbers: [i64]) {}

fn main() {}
