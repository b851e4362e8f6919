use mcp_runtime::tool;

/// Adds.
#[tool(rate = "1/d burst 1000")]
fn add() {}

fn main() {}
