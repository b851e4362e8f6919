#![allow(unused)]

use mcp_runtime::{Secret, tool};

/// Logs in.
#[tool]
fn log_in(#[arg(header = "Password")] password: Secret<String>) {}

fn main() {}
