#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(range(max = 9), example = 1, example = 10)] quantity: u8) {}

fn main() {}
