#![allow(unused)]

use mcp_runtime::{Context, tool};

/// Deletes a file.
#[tool]
async fn delete(#[ask("Sure?")] ctx: Context) {}

fn main() {}
