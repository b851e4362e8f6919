use futures_util::{Stream, stream};
use mcp_runtime::tool;

/// Lists.
#[tool]
fn list() -> impl Stream {
    stream::iter([1, 2, 3])
}

fn main() {}
