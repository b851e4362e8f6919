use mcp_runtime::prompt;

#[prompt]
fn review() -> String {
    String::new()
}

fn main() {}
