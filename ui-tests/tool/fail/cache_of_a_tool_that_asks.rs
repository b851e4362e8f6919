use mcp_runtime::tool;

/// Adds.
#[tool(read_only, idempotent, cache = "30s")]
fn add(#[ask("Really?")] sure: bool) {
    let _ = sure;
}

fn main() {}
