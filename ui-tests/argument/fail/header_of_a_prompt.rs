#![allow(unused)]

use mcp_runtime::prompt;

/// Reviews code.
#[prompt]
fn review(#[arg(header = "Code")] code: String) -> String {
    code
}

fn main() {}
