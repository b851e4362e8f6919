use mcp_runtime::tool;

/// Paints.
#[tool]
fn paint(color: _) {}

fn main() {}
