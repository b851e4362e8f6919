use mcp_runtime::resource;

/// A note.
#[resource]
fn note() -> String {
    String::new()
}

fn main() {}
