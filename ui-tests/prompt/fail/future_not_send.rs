use std::rc::Rc;

use mcp_runtime::prompt;

async fn pause() {}

/// Reviews code.
#[prompt]
async fn review() -> String {
    let text = Rc::new(String::new());
    pause().await;
    text.to_string()
}

fn main() {}
