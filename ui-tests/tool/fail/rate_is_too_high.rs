use mcp_runtime::tool;

/// Adds.
#[tool(rate = "2000000/s")]
fn add() {}

fn main() {}
