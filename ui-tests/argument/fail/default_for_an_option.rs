#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(default = 1)] quantity: Option<u8>) {}

fn main() {}
