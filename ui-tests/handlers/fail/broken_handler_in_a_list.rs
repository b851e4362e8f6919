#![allow(unused)]

use mcp_runtime::{Server, handlers, prompt, resource, tool};

/// Adds.
#[tool(nmae = "sum")]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// A note.
#[resource("note://{id")]
async fn note(id: u64) -> String {
    String::new()
}

/// Reviews code.
#[prompt(titel = "Review")]
async fn review(code: String) -> String {
    code
}

fn main() {
    let _ = Server::new("broken", "1.0.0").add(handlers![add, note, review]);
}
