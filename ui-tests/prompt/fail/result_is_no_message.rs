use mcp_runtime::prompt;

/// Reviews code.
#[prompt]
fn review() -> Vec<String> {
    Vec::new()
}

fn main() {}
