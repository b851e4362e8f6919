use mcp_runtime::tool;

/// Adds.
#[tool(title = 5)]
fn add() {}

fn main() {}
