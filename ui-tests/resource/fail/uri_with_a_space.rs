use mcp_runtime::resource;

/// A note.
#[resource("note://my note")]
fn note() -> String {
    String::new()
}

fn main() {}
