use mcp_runtime::resource;

/// A note.
#[resource("note://all")]
fn größe() -> String {
    String::new()
}

fn main() {}
