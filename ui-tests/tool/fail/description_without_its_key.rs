use mcp_runtime::tool;

#[tool("Adds two numbers.")]
fn add() {}

fn main() {}
