use mcp_runtime::group;

struct Calculator;

#[group]
impl Calculator {
    #[tool]
    fn add(&self) {}
}

fn main() {}
