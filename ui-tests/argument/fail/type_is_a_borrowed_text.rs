#![allow(unused)]

use mcp_runtime::tool;

/// Counts.
#[tool]
fn count(text: &str) {}

fn main() {}
