use mcp_runtime::tool;

/// Adds.
#[tool(title =)]
fn add() {}

fn main() {}
