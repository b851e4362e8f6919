use mcp_runtime::{Server, group, tool};

struct Calculator;

#[group]
impl Calculator {
    /// Adds.
    #[tool(nmae = "sum")]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }
}

fn main() {
    let _ = Server::new("calculator", "1.0.0").add(Calculator);
}
