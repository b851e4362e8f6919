#![allow(unused)]

use mcp_runtime::tool;

struct Secret;

/// Orders.
#[tool]
fn order(#[arg(example = Secret)] quantity: u8) {}

fn main() {}
