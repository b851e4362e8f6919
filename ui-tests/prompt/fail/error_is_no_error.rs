use mcp_runtime::prompt;

struct Lost;

/// Reviews code.
#[prompt]
fn review() -> Result<String, Lost> {
    Err(Lost)
}

fn main() {}
