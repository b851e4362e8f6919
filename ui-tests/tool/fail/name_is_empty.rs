use mcp_runtime::tool;

/// Adds.
#[tool(name = "")]
fn add() {}

fn main() {}
