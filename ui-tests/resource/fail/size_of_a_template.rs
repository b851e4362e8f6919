#![allow(unused)]

use mcp_runtime::resource;

/// A note.
#[resource("note://{id}", size = 10)]
fn note(id: u64) -> String {
    String::new()
}

fn main() {}
