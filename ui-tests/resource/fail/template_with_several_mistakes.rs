#![allow(unused)]

use mcp_runtime::resource;

/// A note.
#[resource("my note/{#id}/{a*}")]
fn note(id: u64, a: String) -> String {
    String::new()
}

fn main() {}
