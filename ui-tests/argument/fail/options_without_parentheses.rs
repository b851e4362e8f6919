#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(#[arg] a: i64) {}

fn main() {}
