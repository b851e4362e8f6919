#![allow(unused)]

use mcp_runtime::prompt;

struct Style;

/// Reviews code.
#[prompt]
fn review(style: Style) -> String {
    String::new()
}

fn main() {}
