#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(range(max = 9), default = 10)] quantity: u8) {}

fn main() {}
