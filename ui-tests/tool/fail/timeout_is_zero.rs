use mcp_runtime::tool;

/// Adds.
#[tool(timeout = "0s")]
fn add() {}

fn main() {}
