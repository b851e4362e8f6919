#![allow(unused)]

use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(
    /// The first number.
    #[arg(description = "A number.")]
    a: i64,
) {
}

fn main() {}
