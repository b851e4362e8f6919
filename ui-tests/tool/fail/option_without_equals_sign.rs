use mcp_runtime::tool;

/// Adds.
#[tool(title "Adder", read_only)]
fn add() {}

fn main() {}
