use mcp_runtime::tool;

/// Paints.
#[tool]
fn paint(color: Colour) {}

fn main() {}
