use std::rc::Rc;

use mcp_runtime::{group, tool};

struct Counter;

async fn pause() {}

#[group]
impl Counter {
    /// Counts.
    #[tool]
    async fn count(&self) -> usize {
        let shared = Rc::new(1);
        pause().await;
        *shared
    }
}

fn main() {}
