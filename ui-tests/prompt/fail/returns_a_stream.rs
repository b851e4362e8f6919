use futures_util::{Stream, stream};
use mcp_runtime::prompt;

/// Reviews code.
#[prompt]
fn review() -> impl Stream<Item = String> {
    stream::iter(["Review.".to_owned()])
}

fn main() {}
