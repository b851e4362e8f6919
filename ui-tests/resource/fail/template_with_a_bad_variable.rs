#![allow(unused)]

use mcp_runtime::resource;

/// A note.
#[resource("note://{note-id}")]
fn note(note_id: u64) -> String {
    String::new()
}

fn main() {}
