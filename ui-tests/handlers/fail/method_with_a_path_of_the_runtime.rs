use mcp_runtime::group;

struct Calculator;

#[group]
impl Calculator {
    /// Adds.
    #[tool(crate = mcp_runtime)]
    fn add(&self) {}
}

fn main() {}
