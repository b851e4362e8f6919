use mcp_runtime::{group, tool};

struct Calculator;

#[group]
impl Calculator {
    #[tool]
    fn add(&self) {}
}

fn main() {}
