#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(length(min = 3), default = "a")] item: String) {}

fn main() {}
