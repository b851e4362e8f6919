use mcp_runtime::group;

struct Calculator;

#[group]
impl Calculator {
    /// Adds.
    #[cfg_attr(unix, tool)]
    fn add(&self) {}
}

fn main() {}
