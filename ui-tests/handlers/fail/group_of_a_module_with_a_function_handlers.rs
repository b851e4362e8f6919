use mcp_runtime::group;

#[group]
mod math {
    /// Adds.
    #[mcp_runtime::tool]
    pub fn add() {}

    fn handlers() {}
}

fn main() {}
