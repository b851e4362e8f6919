use mcp_runtime::{CallError, tool};

struct Sum(i64);

/// Adds.
#[tool]
fn add(a: i64, b: i64) -> Result<Sum, CallError> {
    Ok(Sum(a + b))
}

fn main() {}
