use mcp_runtime::resource;

fn always() -> bool {
    true
}

/// A note.
#[resource("note://one", guard = always, scopes("notes read"))]
fn note() -> &'static str {
    "one"
}

/// Another note.
#[resource("note://two", guard = always)]
fn other() -> &'static str {
    "two"
}

fn main() {}
