use mcp_runtime::prompt;

/// Reviews code.
#[prompt(mime_type = "text/plain")]
fn review() -> String {
    String::new()
}

fn main() {}
