#![allow(unused)]

use mcp_runtime::{tool};

struct Sure {
    really: bool,
}

/// Deletes a file.
#[tool]
async fn delete(#[ask("Sure?")] sure: Sure) {}

fn main() {}
