#![allow(unused)]

use mcp_runtime::resource;

/// A note.
#[resource("note://{year,month}")]
fn note(year: u16, month: u8) -> String {
    String::new()
}

fn main() {}
