use mcp_runtime::tool;

#[tool]
fn add() {}

fn main() {}
