use mcp_runtime::tool;

/// Adds.
#[tool(meta("example.com/key" = 1, "example.com/key" = 2))]
fn add() {}

fn main() {}
