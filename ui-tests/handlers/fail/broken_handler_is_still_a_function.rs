use mcp_runtime::{handlers, tool};

/// Adds.
#[tool(nmae = "sum")]
pub fn add(#[arg(defualt = 1)] a: i64, b: &i64) -> i64 {
    a + b
}

fn main() {
    let _: i64 = add(1, &2);
    let _ = handlers![add];
}
