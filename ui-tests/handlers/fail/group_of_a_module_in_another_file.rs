use mcp_runtime::group;

#[group]
mod math;

fn main() {}
