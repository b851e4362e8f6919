use mcp_runtime::prompt;

/// Says hello.
#[prompt(cache = "30s")]
fn hello() -> &'static str {
    "hello"
}

fn main() {}
