use mcp_runtime::tool;

/// Runs.
#[tool]
fn run() -> ! {
    loop {}
}

fn main() {}
