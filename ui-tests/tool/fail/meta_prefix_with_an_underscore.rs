use mcp_runtime::tool;

/// Adds.
#[tool(meta("my_company.com/key" = 1))]
fn add() {}

fn main() {}
