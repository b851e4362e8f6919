#![allow(unused)]

use mcp_runtime::resource;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Key {
    id: u64,
}

/// A note.
#[resource("note://{id}")]
fn note(#[arg(flatten)] key: Key) -> String {
    String::new()
}

fn main() {}
