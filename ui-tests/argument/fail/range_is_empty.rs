#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(range(min = 10, max = 1))] quantity: u8) {}

fn main() {}
