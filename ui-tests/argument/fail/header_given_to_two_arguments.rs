#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(header = "Tenant")] tenant: String, #[arg(header = "tenant")] other: String) {}

fn main() {}
