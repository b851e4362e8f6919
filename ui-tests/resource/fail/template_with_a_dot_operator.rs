#![allow(unused)]

use mcp_runtime::resource;

/// A note.
#[resource("note://all{.kind}")]
fn note(kind: String) -> String {
    String::new()
}

fn main() {}
