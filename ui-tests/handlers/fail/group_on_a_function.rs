use mcp_runtime::group;

#[group]
fn add() {}

fn main() {}
