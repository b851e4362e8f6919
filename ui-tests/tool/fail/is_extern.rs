use mcp_runtime::tool;

/// Adds.
#[tool]
extern "C" fn add() {}

fn main() {}
