use mcp_runtime::resource;

/// A note.
#[resource("note://1", cache = "30s")]
fn note(#[ask("Really?")] sure: bool) -> String {
    sure.to_string()
}

fn main() {}
