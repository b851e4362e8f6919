use mcp_runtime::tool;

/// Adds.
#[tool(icons("https://example.com/add.png", "http://example.com/add.svg"))]
fn add() {}

fn main() {}
