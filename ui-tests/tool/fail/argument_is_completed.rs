#![allow(unused)]

use mcp_runtime::tool;

fn cities() -> Vec<String> {
    Vec::new()
}

/// Books a trip.
#[tool]
fn book(#[arg(complete = cities)] city: String) {}

fn main() {}
