use mcp_runtime::tool;

/// Adds.
#[tool(guard = "administrators")]
fn add() {}

fn main() {}
