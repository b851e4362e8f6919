#![allow(unused)]

use mcp_runtime::tool;

struct Color;

/// Orders.
#[tool]
fn order(
    #[arg(range(min = 1))] item: String,
    #[arg(length(min = 1))] quantity: u8,
    color: Color,
) {
}

fn main() {}
