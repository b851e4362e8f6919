#![allow(unused)]

use mcp_runtime::prompt;

const CITIES: [&str; 2] = ["Lyon", "Paris"];

/// Plans a trip.
#[prompt]
fn trip(#[arg(complete = CITIES)] city: String) -> String {
    city
}

fn main() {}
