use mcp_runtime::resource;

/// A note.
#[resource("note://all", audience = "everyone")]
fn note() -> String {
    String::new()
}

fn main() {}
