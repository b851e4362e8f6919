#![allow(unused)]

use mcp_runtime::resource;

/// A note.
#[resource("note://{id}")]
fn note(id: u64, page: u32) -> String {
    String::new()
}

fn main() {}
