#![allow(unused)]

use mcp_runtime::tool;

const MAX: u64 = 100;

/// Orders.
#[tool]
fn order(#[arg(range(max = MAX))] quantity: u8) {}

fn main() {}
