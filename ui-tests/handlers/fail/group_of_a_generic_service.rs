use mcp_runtime::group;

struct Service<T>(T);

#[group]
impl<T> Service<T> {
    /// Adds.
    #[tool]
    fn add(&self) {}
}

fn main() {}
