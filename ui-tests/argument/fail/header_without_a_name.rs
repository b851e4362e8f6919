#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(header = "")] tenant: String) {}

fn main() {}
