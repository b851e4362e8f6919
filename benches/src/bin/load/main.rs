//! Loads servers that run as processes of their own, and prints what a request costs each of them, as tables of Markdown.
//!
//! ```sh
//! cargo run --release -p mcp-benches --bin load                      # all tables
//! cargo run --release -p mcp-benches --bin load -- http              # only what has `http` in its name
//! cargo run --release -p mcp-benches --bin load -- --rounds 3 add    # fewer rounds, only what has `add` in its name
//! cargo run --release -p mcp-benches --bin load -- --instructions    # instructions instead of time: needs valgrind
//! ```
//!
//! The figure is the CPU time of the server's process, user and system: unlike the time on the clock it hardly changes with what else
//! the machine does, and the client's own share is not in it. All servers take turns in each round, ratios are taken inside of
//! the rounds, and every figure is a median of all rounds. Every answer is checked.
//!
//! The CPU time and the memory of another process are read on Linux only, the instructions wherever valgrind runs.

mod client;
mod cores;
mod http;
mod instructions;
mod memory;
mod options;
mod process;
mod report;
mod scenario;
mod start;
mod stdio;
mod time;

use std::error::Error;

use options::Options;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    process::build()?;
    if options.instructions {
        return instructions::run(&options);
    }
    time::run(&options)?;
    time::run_guarded(&options)?;
    start::run(&options)?;
    memory::run(&options)
}
