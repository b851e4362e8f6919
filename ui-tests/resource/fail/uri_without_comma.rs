use mcp_runtime::resource;

/// A note.
#[resource("note://all" mime_type = "text/plain")]
fn note() -> String {
    String::new()
}

fn main() {}
