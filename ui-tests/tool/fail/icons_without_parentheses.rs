use mcp_runtime::tool;

/// Adds.
#[tool(icons = "https://example.com/add.png")]
fn add() {}

fn main() {}
