use mcp_runtime::tool;

/// The answer.
#[tool]
const ANSWER: i64 = 42;

fn main() {}
