//! What a call costs: with `mcp-runtime`, with bare rmcp written well, and at the limit, which is a program that knows nothing
//! but these requests.
//!
//! ```sh
//! cargo bench -p mcp-benches                            # round trips in one process, with their allocations
//! cargo run --release -p mcp-benches --bin load -- stdio # servers as processes
//! ```
//!
//! The same tools are written three times, each as its users would: [`ours`], [`official`] and [`bare`]. `docs/performance.md` has
//! the figures and what they mean.

pub mod bare;
pub mod era;
pub mod http;
pub mod official;
pub mod ours;
pub mod rounds;
