use mcp_runtime::resource;

/// A note.
#[resource("/notes/all")]
fn note() -> String {
    String::new()
}

fn main() {}
