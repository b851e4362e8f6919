#![deny(dead_code)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn main() {}
