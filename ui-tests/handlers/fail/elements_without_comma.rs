use mcp_runtime::{handlers, tool};

/// Adds.
#[tool]
fn add() {}

/// Subtracts.
#[tool]
fn subtract() {}

fn main() {
    let _ = handlers![add subtract];
}
