#![allow(unused)]

use mcp_runtime::{tool};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Sure {
    really: bool,
}

/// Deletes a file.
#[tool]
async fn delete(path: String, #[ask("Really delete {path?")] sure: Sure) {}

fn main() {}
