#![allow(unused)]

use mcp_runtime::tool;

/// Orders.
#[tool]
fn order(#[arg(header = "Weight")] weight: f64) {}

fn main() {}
