#![allow(unused)]

use mcp_runtime::{State, tool};

/// Counts.
#[tool]
fn count(counter: &State<u64>) {}

fn main() {}
