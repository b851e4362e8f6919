#![allow(unused)]

use mcp_runtime::prompt;

mod known {
    pub async fn cities() -> u8 {
        1
    }
}

/// Plans a trip.
#[prompt]
fn trip(#[arg(complete = known::cities)] city: String) -> String {
    city
}

fn main() {}
