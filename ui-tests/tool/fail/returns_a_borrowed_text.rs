use mcp_runtime::tool;

/// Greets.
#[tool]
fn greet() -> &str {
    "hello"
}

fn main() {}
