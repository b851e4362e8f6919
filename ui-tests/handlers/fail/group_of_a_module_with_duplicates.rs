use mcp_runtime::group;

#[group]
mod math {
    use mcp_runtime::tool;

    /// Adds.
    #[tool]
    pub fn add() {}

    /// Adds, too.
    #[tool(name = "add")]
    pub fn sum() {}
}

fn main() {}
