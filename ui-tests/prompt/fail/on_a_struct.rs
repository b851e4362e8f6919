use mcp_runtime::prompt;

/// Reviews code.
#[prompt]
enum Review {}

fn main() {}
