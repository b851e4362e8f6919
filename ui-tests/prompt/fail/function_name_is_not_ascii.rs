use mcp_runtime::prompt;

/// Reviews code.
#[prompt]
fn prüfe() -> String {
    String::new()
}

fn main() {}
