#![allow(unused)]

use mcp_runtime::{handlers, tool};

struct Color;

/// Paints.
#[tool]
fn paint(color: Color) {}

fn main() {
    let _ = handlers![paint];
}
