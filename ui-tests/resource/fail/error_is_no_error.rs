use mcp_runtime::resource;

struct Lost;

/// A note.
#[resource("note://all")]
fn note() -> Result<String, Lost> {
    Err(Lost)
}

fn main() {}
