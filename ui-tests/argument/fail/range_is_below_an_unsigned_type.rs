#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(range(min = -1))] quantity: u8) {}

fn main() {}
