#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(
    #[arg(default = 1)]
    #[arg(default = 2)]
    a: i64,
) {
}

fn main() {}
