use mcp_runtime::resource;

/// A note.
#[resource("note://all", priority = 2)]
fn note() -> String {
    String::new()
}

fn main() {}
