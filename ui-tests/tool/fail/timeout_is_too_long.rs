use mcp_runtime::tool;

/// Adds.
#[tool(timeout = "99999999999999999h")]
fn add() {}

fn main() {}
