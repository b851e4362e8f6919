#![allow(unused)]

use mcp_runtime::{group, prompt, resource, tool};

struct Calculator;

#[group]
impl Calculator {
    /// Adds.
    #[tool(nmae = "sum")]
    fn add(&self, a: &i64) {}

    #[prompt]
    fn explain(&self) -> String {
        String::new()
    }

    /// The constants.
    #[resource("constants://{name")]
    fn constant(&self, name: String) -> String {
        name
    }
}

fn main() {}
