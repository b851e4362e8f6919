use mcp_runtime::{group, tool};

struct Calculator;

trait Add {
    fn add(&self);
}

#[group]
impl Add for Calculator {
    /// Adds.
    #[tool]
    fn add(&self) {}
}

fn main() {}
