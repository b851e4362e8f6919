#![allow(unused)]

use mcp_runtime::resource;

/// A note.
#[resource("note://{id}")]
fn note(#[arg(default = 1)] id: u64) -> String {
    String::new()
}

fn main() {}
