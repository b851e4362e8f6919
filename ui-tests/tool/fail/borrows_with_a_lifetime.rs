use mcp_runtime::tool;

/// Counts.
#[tool]
fn count<'a>(text: &'a str) -> usize {
    text.len()
}

fn main() {}
