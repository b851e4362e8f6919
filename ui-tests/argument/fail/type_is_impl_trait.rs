#![allow(unused)]

use mcp_runtime::tool;

/// Shows.
#[tool]
fn show(value: impl ToString) {}

fn main() {}
