#![allow(unused)]

use mcp_runtime::tool;

/// Rates.
#[tool]
fn rate(#[arg(range(max = 5))] stars: f64) {}

fn main() {}
