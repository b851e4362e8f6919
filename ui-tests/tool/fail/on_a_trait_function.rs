use mcp_runtime::tool;

trait Calculator {
    /// Adds.
    #[tool]
    fn add(a: i64);
}

fn main() {}
