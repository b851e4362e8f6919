use futures_util::{Stream, stream};
use mcp_runtime::tool;

/// Counts.
#[tool(read_only, idempotent, cache = "30s")]
fn count() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}
