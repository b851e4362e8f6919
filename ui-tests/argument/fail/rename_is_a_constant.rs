#![allow(unused)]

use mcp_runtime::tool;

const NAME: &str = "b";

/// Adds.
#[tool]
fn add(#[arg(rename = NAME)] a: i64) {}

fn main() {}
