#![allow(unused)]

use std::rc::Rc;

use mcp_runtime::tool;

/// Deletes a file.
#[tool]
async fn delete(#[ask("Sure?")] sure: ()) {
    let held = Rc::new(());
    std::future::ready(()).await;
    drop(held);
}

fn main() {}
