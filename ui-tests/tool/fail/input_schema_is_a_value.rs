use mcp_runtime::tool;

/// Adds.
#[tool(input_schema = "{}")]
fn add() {}

fn main() {}
