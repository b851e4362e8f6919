#![allow(unused)]

use mcp_runtime::prompt;

/// Plans a trip.
#[prompt]
fn trip(#[arg(complete = cities)] city: String) -> String {
    city
}

fn main() {}
