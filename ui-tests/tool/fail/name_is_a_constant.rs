use mcp_runtime::tool;

const NAME: &str = "sum";

/// Adds.
#[tool(name = NAME)]
fn add() {}

fn main() {}
