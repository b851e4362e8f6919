use mcp_runtime::tool;

/// Adds.
#[tool(scopes())]
fn add() {}

/// Multiplies.
#[tool(scopes)]
fn multiply() {}

fn main() {}
