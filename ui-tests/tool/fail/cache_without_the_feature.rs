use mcp_runtime::tool;

/// Adds.
#[tool(read_only, idempotent, cache = "30s")]
fn add() {}

fn main() {}
