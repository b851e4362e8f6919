use mcp_runtime::{handlers, tool};

/// Adds.
#[tool]
fn add() {}

fn main() {
    let _ = handlers![add::<i64>];
}
