use mcp_runtime::tool;

/// Adds.
#[tool(cached)]
fn add() {}

fn main() {}
