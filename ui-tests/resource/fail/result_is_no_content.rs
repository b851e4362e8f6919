use mcp_runtime::resource;

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Note;

/// A note.
#[resource("note://all")]
fn note() -> Note {
    Note
}

fn main() {}
