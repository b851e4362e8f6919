use mcp_runtime::tool;

/// Adds.
#[tool(idempotent(true))]
fn add() {}

fn main() {}
