use mcp_runtime::tool;

struct Slowly;

/// Adds.
#[tool(layer = Slowly)]
fn add() {}

fn main() {}
