use mcp_runtime::resource;

/// A note.
#[resource("note://all")]
struct Note;

fn main() {}
