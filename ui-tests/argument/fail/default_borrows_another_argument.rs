#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(item: String, #[arg(default = item.len())] quantity: usize) {}

fn main() {}
