use mcp_runtime::tool;

/// Adds.
#[tool(meta())]
fn add() {}

fn main() {}
