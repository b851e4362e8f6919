use mcp_runtime::tool;

/// Adds.
#[tool(rate = "5/s")]
fn add() {}

fn main() {}
