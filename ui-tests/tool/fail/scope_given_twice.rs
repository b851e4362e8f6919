use mcp_runtime::tool;

/// Adds.
#[tool(scopes("numbers", "numbers"))]
fn add() {}

fn main() {}
