#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(regex = "^[a-z$")] item: String) {}

fn main() {}
