use mcp_runtime::tool;

const ADMINISTRATORS: [&str; 1] = ["alice"];

/// Adds.
#[tool(guard = ADMINISTRATORS)]
fn add() {}

fn main() {}
