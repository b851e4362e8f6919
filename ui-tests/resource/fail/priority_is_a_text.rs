use mcp_runtime::resource;

/// A note.
#[resource("note://all", priority = "high")]
fn note() -> String {
    String::new()
}

fn main() {}
