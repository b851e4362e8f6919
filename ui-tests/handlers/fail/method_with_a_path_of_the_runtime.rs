use mcp_runtime::{group, tool};

struct Calculator;

#[group]
impl Calculator {
    /// Adds.
    #[tool(crate = mcp_runtime)]
    fn add(&self) {}
}

fn main() {}
