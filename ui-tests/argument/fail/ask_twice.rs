#![allow(unused)]

use mcp_runtime::{tool};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Sure {
    really: bool,
}

/// Deletes a file.
#[tool]
async fn delete(#[ask("Sure?")] #[ask("Really?")] sure: Sure) {}

fn main() {}
