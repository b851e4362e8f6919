use std::fmt::Display;

use futures_util::{Stream, stream};
use mcp_runtime::tool;

/// Lists.
#[tool]
fn list() -> impl Stream<Item = impl Display> {
    stream::iter([1, 2, 3])
}

fn main() {}
