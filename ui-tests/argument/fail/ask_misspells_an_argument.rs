#![allow(unused)]

use mcp_runtime::{tool};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Sure {
    really: bool,
}

/// Deletes a file.
#[tool]
async fn delete(path: String, force: bool, #[ask("Really delete {pth}?")] sure: Sure) {}

fn main() {}
