use mcp_runtime::tool;

trait Calculator {
    /// Adds.
    #[tool]
    fn add(&self, a: i64);
}

fn main() {}
