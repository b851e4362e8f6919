use mcp_runtime::tool;

/// Adds.
#[tool(meta("example.com/my key" = 1))]
fn add() {}

fn main() {}
