use std::rc::Rc;

use mcp_runtime::tool;

async fn pause() {}

/// Counts.
#[tool]
async fn count() -> usize {
    let shared = Rc::new(1);
    pause().await;
    *shared
}

fn main() {}
