use mcp_runtime::tool;

/// Adds.
#[tool(scopes("numbers:read numbers:write", "zahlen:ändern"))]
fn add() {}

fn main() {}
