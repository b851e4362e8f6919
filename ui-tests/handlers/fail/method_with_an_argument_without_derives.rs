#![allow(unused)]

use mcp_runtime::group;

struct Painter;

struct Color;

#[group]
impl Painter {
    /// Paints.
    #[tool]
    fn paint(&self, color: Color) {}
}

fn main() {}
