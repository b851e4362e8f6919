#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(regex = "^[0-9]+$")] quantity: u8) {}

fn main() {}
