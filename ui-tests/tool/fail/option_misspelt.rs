use mcp_runtime::tool;

/// Adds.
#[tool(descripton = "Adds two numbers.")]
fn add() {}

fn main() {}
