use mcp_runtime::group;

struct Calculator;

#[group]
impl Calculator {
    fn add(&self) {}
}

fn main() {}
