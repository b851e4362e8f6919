use mcp_runtime::tool;

const TITLE: u8 = 5;

/// Adds.
#[tool(title = TITLE)]
fn add() {}

fn main() {}
