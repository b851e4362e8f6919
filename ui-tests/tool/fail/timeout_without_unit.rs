use mcp_runtime::tool;

/// Adds.
#[tool(timeout = "30")]
fn add() {}

fn main() {}
