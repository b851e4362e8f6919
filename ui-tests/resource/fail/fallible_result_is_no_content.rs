use mcp_runtime::{CallError, resource};

/// A number.
#[resource("number://one")]
fn number() -> Result<u64, CallError> {
    Ok(1)
}

fn main() {}
