use mcp_runtime::{Server, tool};

/// Adds.
#[tool]
fn add() {}

fn main() {
    let _ = Server::new("calculator", "1.0.0").add(add);
}
