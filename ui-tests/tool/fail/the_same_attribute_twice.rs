use mcp_runtime::tool;

/// Adds.
#[tool]
#[tool]
fn add() {}

fn main() {}
