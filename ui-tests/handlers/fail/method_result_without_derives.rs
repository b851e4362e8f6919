use mcp_runtime::{group, tool};

struct Calculator;

struct Sum(i64);

#[group]
impl Calculator {
    /// Adds.
    #[tool]
    fn add(&self, a: i64, b: i64) -> Sum {
        Sum(a + b)
    }
}

fn main() {}
