use mcp_runtime::handlers;

mod integers {
    /// Adds.
    #[mcp_runtime::tool]
    pub fn add() {}
}

mod fractions {
    /// Adds.
    #[mcp_runtime::tool]
    pub fn add() {}
}

fn main() {
    let _ = handlers![integers::add, fractions::add];
}
