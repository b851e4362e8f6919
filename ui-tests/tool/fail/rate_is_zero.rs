use mcp_runtime::tool;

/// Adds.
#[tool(rate = "0/s")]
fn add() {}

fn main() {}
