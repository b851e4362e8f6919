#![allow(unused)]

use mcp_runtime::{tool};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Sure {
    really: bool,
}

struct NotSure;

/// Deletes a file.
#[tool]
async fn delete(#[ask("Sure?")] sure: Result<Sure, NotSure>) {}

fn main() {}
