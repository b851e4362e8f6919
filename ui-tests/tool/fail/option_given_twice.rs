use mcp_runtime::tool;

/// Adds.
#[tool(title = "Adder", title = "Sum")]
fn add() {}

fn main() {}
