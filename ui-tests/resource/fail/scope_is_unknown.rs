use mcp_runtime::resource;

/// A note.
#[resource("note://all", scope = "everyone")]
fn note() -> String {
    String::new()
}

fn main() {}
