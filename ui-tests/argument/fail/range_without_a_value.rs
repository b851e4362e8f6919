#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(range(min))] quantity: u8) {}

fn main() {}
