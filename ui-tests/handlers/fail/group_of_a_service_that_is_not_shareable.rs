use std::cell::Cell;

use mcp_runtime::{group, tool};

struct Counter(Cell<u64>);

#[group]
impl Counter {
    /// Counts.
    #[tool]
    fn count(&self) -> u64 {
        self.0.get()
    }
}

fn main() {}
