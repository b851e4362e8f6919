use mcp_runtime::tool;

/// Adds.
#[tool(meta("io.modelcontextprotocol/key" = 1))]
fn add() {}

fn main() {}
