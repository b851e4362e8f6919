use mcp_runtime::{handlers, prompt};

/// Reviews code.
#[prompt]
fn review() -> String {
    String::new()
}

/// Checks code.
#[prompt(name = "review")]
fn check() -> String {
    String::new()
}

fn main() {
    let _ = handlers![review, check];
}
