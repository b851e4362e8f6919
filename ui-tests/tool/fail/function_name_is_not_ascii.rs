use mcp_runtime::tool;

/// Measures.
#[tool]
fn größe() {}

fn main() {}
