use mcp_runtime::resource;

const URI: &str = "note://all";

/// A note.
#[resource(URI)]
fn note() -> String {
    String::new()
}

fn main() {}
