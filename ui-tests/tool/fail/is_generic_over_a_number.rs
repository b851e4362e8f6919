#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add<const N: usize>(numbers: Vec<i64>) {}

fn main() {}
