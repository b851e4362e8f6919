use mcp_runtime::prompt;

/// Reviews code.
#[prompt(name = "code review")]
fn review() -> String {
    String::new()
}

fn main() {}
