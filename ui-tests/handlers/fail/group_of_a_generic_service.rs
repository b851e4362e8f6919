use mcp_runtime::{group, tool};

struct Service<T>(T);

#[group]
impl<T> Service<T> {
    /// Adds.
    #[tool]
    fn add(&self) {}
}

fn main() {}
