use mcp_runtime::{CallError, prompt};

/// Reviews code.
#[prompt]
fn review() -> Result<u64, CallError> {
    Ok(1)
}

fn main() {}
