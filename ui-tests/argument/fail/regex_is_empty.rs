#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(regex = "")] item: String) {}

fn main() {}
