#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(length = 5)] item: String) {}

fn main() {}
