#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(length(equal = 5, max = 7))] item: String) {}

fn main() {}
