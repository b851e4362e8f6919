use mcp_runtime::resource;

/// A note.
#[resource("note://all", size = "10 kB")]
fn note() -> String {
    String::new()
}

fn main() {}
