#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(length(min = "1"))] item: String) {}

fn main() {}
