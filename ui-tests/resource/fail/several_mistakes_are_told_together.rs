#![allow(unused)]

use mcp_runtime::resource;

#[resource("note://{owner}/{id}", mimetype = "text", priority = 7)]
fn note(id: &str) -> String {
    String::new()
}

fn main() {}
