use std::rc::Rc;

use mcp_runtime::resource;

async fn pause() {}

/// A note.
#[resource("note://all")]
async fn note() -> String {
    let text = Rc::new(String::new());
    pause().await;
    text.to_string()
}

fn main() {}
