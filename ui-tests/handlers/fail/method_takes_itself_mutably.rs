use mcp_runtime::{group, tool};

struct Counter(u64);

#[group]
impl Counter {
    /// Counts.
    #[tool]
    fn count(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

fn main() {}
