use mcp_runtime::tool;

/// Adds.
#[tool(tags(math, "numbers"))]
fn add() {}

fn main() {}
