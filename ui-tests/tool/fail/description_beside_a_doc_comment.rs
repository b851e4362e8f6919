use mcp_runtime::tool;

/// Adds.
#[tool(description = "Adds two numbers.")]
fn add() {}

fn main() {}
