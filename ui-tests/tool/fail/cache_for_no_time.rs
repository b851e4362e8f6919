use mcp_runtime::tool;

/// Adds.
#[tool(read_only, idempotent, cache = "0s")]
fn add() {}

fn main() {}
