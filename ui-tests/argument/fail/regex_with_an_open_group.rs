#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(regex = "^(a|b$")] item: String) {}

fn main() {}
