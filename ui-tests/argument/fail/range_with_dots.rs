#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(range(1..=10))] quantity: u8) {}

fn main() {}
