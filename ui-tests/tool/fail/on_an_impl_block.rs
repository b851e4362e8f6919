use mcp_runtime::tool;

struct Calculator;

#[tool]
impl Calculator {}

fn main() {}
