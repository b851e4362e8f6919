use mcp_runtime::tool;

/// Adds.
#[tool(rate = 5)]
fn add() {}

fn main() {}
