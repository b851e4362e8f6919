use mcp_runtime::{handlers, tool};

/// Adds.
#[tool]
fn add() {}

/// Adds, too.
#[tool(name = "add")]
fn sum() {}

fn main() {
    let _ = handlers![add, sum];
}
