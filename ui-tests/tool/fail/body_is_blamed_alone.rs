use mcp_runtime::tool;

/// Adds.
#[tool]
async fn add(a: i64, b: i64) -> i64 {
    a.concat(b)
}

fn main() {}
