use mcp_runtime::tool;

/// Adds.
#[tool]
struct Add {
    a: i64,
}

fn main() {}
