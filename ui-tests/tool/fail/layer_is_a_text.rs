use mcp_runtime::tool;

/// Adds.
#[tool(layer = "5s")]
fn add() {}

fn main() {}
