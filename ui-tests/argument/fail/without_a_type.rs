use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(a, b: i64) {}

fn main() {}
