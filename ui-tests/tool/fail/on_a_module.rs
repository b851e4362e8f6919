use mcp_runtime::tool;

/// Mathematics.
#[tool]
mod math {}

fn main() {}
