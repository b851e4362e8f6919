#![allow(unused)]

use mcp_runtime::{Context, resource};

fn cities() -> Vec<String> {
    Vec::new()
}

/// A map.
#[resource("map://world")]
fn map(#[arg(complete = cities)] ctx: Context) -> String {
    String::new()
}

fn main() {}
