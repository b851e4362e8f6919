use mcp_runtime::{group, tool};

struct Greeter(String);

#[group]
impl Greeter {
    /// Greets.
    #[tool]
    fn greet(&self) -> &str {
        &self.0
    }
}

fn main() {}
