#![allow(unused)]

use std::rc::Rc;

use mcp_runtime::prompt;

async fn cities() -> Vec<String> {
    let held = Rc::new(());
    std::future::ready(()).await;
    drop(held);
    Vec::new()
}

/// Plans a trip.
#[prompt]
fn trip(#[arg(complete = cities)] city: String) -> String {
    city
}

fn main() {}
