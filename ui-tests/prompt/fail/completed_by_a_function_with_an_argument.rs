#![allow(unused)]

use mcp_runtime::prompt;

fn cities(typed: String) -> Vec<String> {
    vec![typed]
}

/// Plans a trip.
#[prompt]
fn trip(#[arg(complete = cities)] city: String) -> String {
    city
}

fn main() {}
