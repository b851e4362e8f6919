#![allow(unused)]

use std::cell::Cell;

use mcp_runtime::{State, tool};

/// Counts.
#[tool]
fn count(counter: State<Cell<u64>>) {}

fn main() {}
