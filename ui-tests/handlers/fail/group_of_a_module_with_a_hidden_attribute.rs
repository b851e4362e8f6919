use mcp_runtime::group;

#[group]
mod math {
    /// Adds.
    #[cfg_attr(unix, mcp_runtime::tool)]
    pub fn add() {}
}

fn main() {}
