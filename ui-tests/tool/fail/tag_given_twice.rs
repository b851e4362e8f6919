use mcp_runtime::tool;

/// Adds.
#[tool(tags("math", "numbers", "math"))]
fn add() {}

fn main() {}
