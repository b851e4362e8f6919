use mcp_runtime::{group, tool};

struct Calculator;

#[group]
impl Calculator {
    /// Adds.
    #[tool]
    fn add(&self) {}

    /// Adds, too.
    #[tool(name = "add")]
    fn sum(&self) {}
}

fn main() {}
