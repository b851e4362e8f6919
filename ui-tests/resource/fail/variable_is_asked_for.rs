#![allow(unused)]

use mcp_runtime::resource;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Sure {
    really: bool,
}

/// A note.
#[resource("note://{id}")]
fn note(#[ask("Which one?")] id: Sure) -> String {
    String::new()
}

fn main() {}
