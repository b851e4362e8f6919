#![allow(unused)]

use mcp_runtime::{Secret, tool};

/// Logs in.
#[tool]
fn log_in(#[arg(default = Secret::new(String::new()))] password: Secret<String>) {}

fn main() {}
