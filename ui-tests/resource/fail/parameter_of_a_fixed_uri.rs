#![allow(unused)]

use mcp_runtime::resource;

/// All notes.
#[resource("note://all")]
fn notes(page: u32) -> String {
    String::new()
}

fn main() {}
