use futures_util::{Stream, stream};
use mcp_runtime::tool;

/// Lists.
#[tool]
fn list() -> Result<impl Stream<Item = u8>, String> {
    Ok(stream::iter([1, 2, 3]))
}

fn main() {}
