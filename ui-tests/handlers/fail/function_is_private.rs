use mcp_runtime::handlers;

mod math {
    /// Adds.
    #[mcp_runtime::tool]
    fn add() {}
}

fn main() {
    let _ = handlers![math::add];
}
