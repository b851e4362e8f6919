#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(range(max = 300))] quantity: u8) {}

fn main() {}
