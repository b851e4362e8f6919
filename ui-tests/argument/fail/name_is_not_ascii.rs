#![allow(unused)]

use mcp_runtime::tool;

/// Measures.
#[tool]
fn measure(größe: i64) {}

fn main() {}
