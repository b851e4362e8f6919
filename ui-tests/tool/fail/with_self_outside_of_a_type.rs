use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(self, a: i64) {}

fn main() {}
