use mcp_runtime::resource;

/// A note.
#[resource("note://all", size = 99999999999999999999)]
fn note() -> String {
    String::new()
}

fn main() {}
