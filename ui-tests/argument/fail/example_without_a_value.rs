#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(example)] quantity: u8) {}

fn main() {}
