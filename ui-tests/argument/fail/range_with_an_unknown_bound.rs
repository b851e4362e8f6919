#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(range(minimum = 1, multiple_of = 2))] quantity: u8) {}

fn main() {}
