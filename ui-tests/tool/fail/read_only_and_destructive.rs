use mcp_runtime::tool;

/// Deletes.
#[tool(read_only, destructive)]
fn delete() {}

fn main() {}
