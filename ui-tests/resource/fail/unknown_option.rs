use mcp_runtime::resource;

/// A note.
#[resource("note://all", read_only)]
fn note() -> String {
    String::new()
}

fn main() {}
