#![allow(unused)]

use mcp_runtime::{Context, tool};

/// Adds.
#[tool]
fn add(ctx: &Context) {}

fn main() {}
