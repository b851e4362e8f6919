use mcp_runtime::tool;

/// Adds.
#[tool]
fn add(a: i64, b: i64) -> Result<i64, ()> {
    a.checked_add(b).ok_or(())
}

fn main() {}
