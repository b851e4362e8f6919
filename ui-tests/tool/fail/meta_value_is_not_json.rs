use mcp_runtime::tool;

struct Secret;

/// Adds.
#[tool(meta("example.com/key" = Secret))]
fn add() {}

fn main() {}
