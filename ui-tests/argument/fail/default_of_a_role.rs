#![allow(unused)]

use mcp_runtime::{Context, tool};

/// Adds.
#[tool]
fn add(#[arg(default)] ctx: Context) {}

fn main() {}
