#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(length(min = 5, max = 2))] item: String) {}

fn main() {}
