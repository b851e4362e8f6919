use mcp_runtime::group;

#[group(name = "math")]
mod math {
    /// Adds.
    #[mcp_runtime::tool]
    pub fn add() {}
}

fn main() {}
