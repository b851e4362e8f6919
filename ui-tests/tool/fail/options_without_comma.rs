use mcp_runtime::tool;

/// Adds.
#[tool(read_only idempotent)]
fn add() {}

fn main() {}
