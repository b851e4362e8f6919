#![allow(unused)]

use mcp_runtime::resource;

/// Notes.
#[resource("note://{?sort}/all")]
fn notes(sort: String) -> String {
    String::new()
}

fn main() {}
