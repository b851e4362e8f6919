use mcp_runtime::{Secret, tool};

/// Says the password.
#[tool]
fn password() -> Secret<String> {
    Secret::new("hunter2".to_owned())
}

fn main() {}
