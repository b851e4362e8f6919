use mcp_runtime::tool;

/// Adds.
#[tool(crate = "mcp_runtime")]
fn add() {}

fn main() {}
