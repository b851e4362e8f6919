#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(range(min = 0.5))] quantity: u8) {}

fn main() {}
