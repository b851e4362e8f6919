use mcp_runtime::{Server, group};

#[group]
mod math {
    /// Adds.
    #[mcp_runtime::tool(nmae = "sum")]
    pub fn add(a: i64, b: i64) -> i64 {
        a + b
    }
}

fn main() {
    let _ = Server::new("calculator", "1.0.0").add(math::handlers());
}
