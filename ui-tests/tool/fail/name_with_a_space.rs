use mcp_runtime::tool;

/// Searches.
#[tool(name = "search the web")]
fn search() {}

fn main() {}
