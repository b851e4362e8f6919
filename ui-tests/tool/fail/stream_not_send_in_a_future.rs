use std::rc::Rc;

use futures_util::{Stream, StreamExt, stream};
use mcp_runtime::tool;

/// Lists.
#[tool]
async fn list() -> impl Stream<Item = usize> {
    let shared = Rc::new(1);
    stream::iter([1, 2, 3]).map(move |number| number + *shared)
}

fn main() {}
