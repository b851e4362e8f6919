use mcp_runtime::prompt;

/// Greets.
#[prompt(scopes("people", "people"))]
fn greet(name: String) -> String {
    name
}

fn main() {}
