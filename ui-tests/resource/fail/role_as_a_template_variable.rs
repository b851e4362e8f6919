#![allow(unused)]

use mcp_runtime::{Context, resource};

/// A note.
#[resource("note://{ctx}")]
fn note(ctx: Context) -> String {
    String::new()
}

fn main() {}
