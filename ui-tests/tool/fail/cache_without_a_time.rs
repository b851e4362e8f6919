use mcp_runtime::tool;

/// Adds.
#[tool(read_only, idempotent, cache(public))]
fn add() {}

/// Subtracts.
#[tool(read_only, idempotent, cache)]
fn subtract() {}

/// Multiplies.
#[tool(read_only, idempotent, cache = "30")]
fn multiply() {}

fn main() {}
