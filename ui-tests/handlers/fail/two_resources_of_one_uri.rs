use mcp_runtime::{handlers, resource};

/// A note.
#[resource("note://all")]
fn note() -> String {
    String::new()
}

/// Another note.
#[resource("note://all")]
fn other() -> String {
    String::new()
}

fn main() {
    let _ = handlers![note, other];
}
