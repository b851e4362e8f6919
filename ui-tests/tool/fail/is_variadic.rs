#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(numbers: ...) {}

fn main() {}
