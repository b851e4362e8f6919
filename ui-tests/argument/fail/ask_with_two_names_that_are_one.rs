#![allow(unused)]

use mcp_runtime::{tool};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Sure {
    really: bool,
}

/// Deletes a file.
#[tool]
async fn delete(#[ask("Sure?")] sure: Sure, #[ask("Really?")] _sure: Sure) {}

fn main() {}
