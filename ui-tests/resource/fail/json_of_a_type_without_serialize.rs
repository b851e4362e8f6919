use mcp_runtime::{Json, resource};

struct Note;

/// A note.
#[resource("note://all")]
fn note() -> Json<Note> {
    Json(Note)
}

fn main() {}
