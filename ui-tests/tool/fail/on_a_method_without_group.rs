#![allow(unused)]

use mcp_runtime::tool;

struct Calculator;

impl Calculator {
    /// Adds.
    #[tool]
    fn add(&self, a: i64) {}
}

fn main() {}
