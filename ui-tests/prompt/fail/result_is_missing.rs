use mcp_runtime::prompt;

/// Reviews code.
#[prompt]
fn review() {}

fn main() {}
