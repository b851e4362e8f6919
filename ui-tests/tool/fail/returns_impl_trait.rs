use mcp_runtime::tool;

/// Lists.
#[tool]
fn list() -> impl Iterator<Item = u8> {
    [1, 2, 3].into_iter()
}

fn main() {}
