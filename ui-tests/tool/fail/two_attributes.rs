use mcp_runtime::{prompt, tool};

/// Adds.
#[tool]
#[prompt]
fn add() -> String {
    String::new()
}

fn main() {}
