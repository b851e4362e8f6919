use mcp_runtime::group;

#[group]
mod math {
    pub fn add() {}
}

fn main() {}
