use std::sync::Arc;

use mcp_runtime::{group, tool};

struct Counter(u64);

#[group]
impl Counter {
    /// Counts.
    #[tool]
    fn count(self: Arc<Self>) -> u64 {
        self.0
    }
}

fn main() {}
