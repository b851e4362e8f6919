#![allow(unused)]

use mcp_runtime::{Context, prompt};

fn cities() -> Vec<String> {
    Vec::new()
}

/// Plans a trip.
#[prompt]
fn trip(#[arg(complete = cities)] ctx: Context) -> String {
    String::new()
}

fn main() {}
