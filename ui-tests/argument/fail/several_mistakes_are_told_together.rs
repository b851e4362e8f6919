#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(
    #[arg(lenght(min = 1), regex = "(")] item: &str,
    #[arg(range(min = 2, max = 1), default = 0)] quantity: u8,
    (a, b): (u8, u8),
) {
}

fn main() {}
