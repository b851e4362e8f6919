use mcp_runtime::tool;

/// Adds.
#[tool(meta(key = 1))]
fn add() {}

fn main() {}
