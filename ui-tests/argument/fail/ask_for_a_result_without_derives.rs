#![allow(unused)]

use mcp_runtime::{AskError, tool};

struct Sure {
    really: bool,
}

/// Deletes a file.
#[tool]
async fn delete(#[ask("Sure?")] sure: Result<Sure, AskError>) {}

fn main() {}
