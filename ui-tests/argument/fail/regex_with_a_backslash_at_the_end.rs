#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(regex = "^a\\")] item: String) {}

fn main() {}
