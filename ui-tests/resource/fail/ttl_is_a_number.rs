use mcp_runtime::resource;

/// A note.
#[resource("note://all", ttl = 60)]
fn note() -> String {
    String::new()
}

fn main() {}
