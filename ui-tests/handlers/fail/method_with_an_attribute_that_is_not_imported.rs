use mcp_runtime::group;

struct Calculator;

#[group]
impl Calculator {
    /// Adds.
    #[tool]
    fn add(&self) {}
}

fn main() {}
