#![allow(unused)]

use mcp_runtime::tool;

struct Wrapper(u8);

/// Adds.
#[tool]
fn add(Wrapper(a): Wrapper) {}

fn main() {}
