use mcp_runtime::group;

#[group]
struct Calculator;

fn main() {}
