use mcp_runtime::{group, prompt, tool};

struct Calculator;

#[group]
impl Calculator {
    /// Adds.
    #[tool]
    #[prompt]
    fn add(&self) -> String {
        String::new()
    }
}

fn main() {}
