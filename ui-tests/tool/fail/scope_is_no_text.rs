use mcp_runtime::tool;

const NUMBERS: &str = "numbers";

/// Adds.
#[tool(scopes(NUMBERS, 7))]
fn add() {}

/// Multiplies.
#[tool(scopes = "numbers")]
fn multiply() {}

fn main() {}
