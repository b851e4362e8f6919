#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(#[arg(defualt = 1)] a: i64) {}

fn main() {}
