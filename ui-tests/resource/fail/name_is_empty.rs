use mcp_runtime::resource;

/// A note.
#[resource("note://all", name = "")]
fn note() -> String {
    String::new()
}

fn main() {}
