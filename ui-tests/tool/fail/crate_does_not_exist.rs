use mcp_runtime::tool;

/// Adds.
#[tool(crate = ::renamed)]
fn add() {}

fn main() {}
