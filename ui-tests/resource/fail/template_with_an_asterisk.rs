#![allow(unused)]

use mcp_runtime::resource;

/// A file.
#[resource("file:///{path*}")]
fn file(path: String) -> String {
    String::new()
}

fn main() {}
