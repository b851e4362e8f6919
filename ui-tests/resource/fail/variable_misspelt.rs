#![allow(unused)]

use mcp_runtime::resource;

/// A note.
#[resource("note://{identifier}")]
fn note(identifer: u64) -> String {
    String::new()
}

fn main() {}
