use mcp_runtime::tool;

/// Adds.
#[tool(meta("example.com/key"))]
fn add() {}

fn main() {}
