use mcp_runtime::tool;

/// Adds.
#[tool(cache = "30s")]
fn add() {}

/// Deletes.
#[tool(read_only = false, idempotent, cache = "30s")]
fn delete() {}

/// Draws a number.
#[tool(read_only, cache(ttl = "30s", public))]
fn draw() {}

fn main() {}
