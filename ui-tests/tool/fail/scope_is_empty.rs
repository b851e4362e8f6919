use mcp_runtime::tool;

/// Adds.
#[tool(scopes("numbers", ""))]
fn add() {}

fn main() {}
