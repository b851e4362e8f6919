#![allow(unused)]

use mcp_runtime::resource;

/// A file.
#[resource("file:///{+path}/content")]
fn file(path: String) -> String {
    String::new()
}

fn main() {}
