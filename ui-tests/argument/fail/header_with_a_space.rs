#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(header = "Tenant Id")] tenant: String) {}

fn main() {}
