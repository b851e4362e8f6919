#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(#[arg(optional)] a: i64) {}

fn main() {}
