use mcp_runtime::tool;

struct Calculator;

impl Calculator {
    /// Makes a calculator.
    #[tool]
    fn new() -> Option<Self> {
        None
    }
}

fn main() {}
