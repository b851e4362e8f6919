use mcp_runtime::tool;

/// Adds.
#[tool]
unsafe fn add() {}

fn main() {}
