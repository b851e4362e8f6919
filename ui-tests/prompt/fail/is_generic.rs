#![allow(unused)]

use mcp_runtime::prompt;

/// Reviews code.
#[prompt]
fn review<T>(code: T) -> String {
    String::new()
}

fn main() {}
