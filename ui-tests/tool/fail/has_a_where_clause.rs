#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(a: i64)
where
    i64: Copy,
{
}

fn main() {}
