use futures_util::{Stream, stream};
use mcp_runtime::tool;

struct Sum(i64);

/// Adds.
#[tool]
fn add(a: i64, b: i64) -> impl Stream<Item = Sum> {
    stream::iter([Sum(a + b)])
}

fn main() {}
