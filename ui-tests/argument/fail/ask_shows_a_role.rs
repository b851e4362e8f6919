#![allow(unused)]

use mcp_runtime::{Context, tool};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Sure {
    really: bool,
}

/// Deletes a file.
#[tool]
async fn delete(ctx: Context, #[ask("Really delete {ctx}?")] sure: Sure) {}

fn main() {}
