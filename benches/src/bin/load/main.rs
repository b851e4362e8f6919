//! Loads servers that run as processes of their own, and prints what a request costs each of them.
//!
//! ```sh
//! cargo run --release -p mcp-benches --bin load -- stdio
//! cargo run --release -p mcp-benches --bin load -- stdio --rounds 3 add   # only what has `add` in its name
//! ```
//!
//! The figure is the CPU time of the server's process, user and system: unlike the time on the clock it hardly changes with what else
//! the machine does, and the client's own share is not in it. All servers take turns in each round, ratios are taken inside of
//! the rounds, and every figure is a median of all rounds. Every answer is checked.

mod options;
mod process;
mod report;
mod stdio;

use std::error::Error;

use options::{Options, Transport};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    process::build()?;
    match options.transport {
        Transport::Stdio => stdio::run(&options),
    }
}
