#![allow(unused)]

use mcp_runtime::resource;

/// Notes.
#[resource("note://all?kind=a{?sort}")]
fn notes(sort: String) -> String {
    String::new()
}

fn main() {}
