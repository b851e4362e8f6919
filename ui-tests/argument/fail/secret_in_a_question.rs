#![allow(unused)]

use mcp_runtime::{Secret, schemars, serde, tool};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirm {
    yes: bool,
}

/// Logs in.
#[tool]
async fn log_in(password: Secret<String>, #[ask("Log in with {password}?")] sure: Confirm) {}

fn main() {}
