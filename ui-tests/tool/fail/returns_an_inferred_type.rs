use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(a: i64, b: i64) -> _ {
    a + b
}

fn main() {}
