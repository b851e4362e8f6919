#![allow(unused)]

use mcp_runtime::{Completion, prompt};

fn cities(typed: &Completion) -> Vec<String> {
    vec![typed.text().to_owned()]
}

/// Plans a trip.
#[prompt]
fn trip(#[arg(complete = cities)] city: String) -> String {
    city
}

fn main() {}
