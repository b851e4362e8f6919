#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(default = "one")] quantity: u8) {}

fn main() {}
