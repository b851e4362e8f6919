use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(_: i64) {}

fn main() {}
