use mcp_runtime::resource;

/// A note.
#[resource("note://100%")]
fn note() -> String {
    String::new()
}

fn main() {}
