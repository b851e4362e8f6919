#![allow(unused)]

use mcp_runtime::{group, tool};

struct Painter;

struct Color;

#[group]
impl Painter {
    /// Paints.
    #[tool]
    fn paint(&self, color: Color) {}
}

fn main() {}
