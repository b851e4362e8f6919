use mcp_runtime::tool;

/// Adds.
#[tool(tags("math", ""))]
fn add() {}

fn main() {}
