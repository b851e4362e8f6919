use futures_util::{Stream, stream};
use mcp_runtime::tool;

/// Lists.
#[tool]
fn list() -> impl Stream<Item = Result<u8, u8>> {
    stream::iter([Ok(1), Err(2)])
}

fn main() {}
