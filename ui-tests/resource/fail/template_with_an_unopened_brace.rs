#![allow(unused)]

use mcp_runtime::resource;

/// A note.
#[resource("note://id}")]
fn note(id: u64) -> String {
    String::new()
}

fn main() {}
