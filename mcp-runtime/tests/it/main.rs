//! The behaviour of a server, whatever transport it is served on: driven by the in-memory client.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test may unwrap like the test itself"
)]

mod arguments;
mod asking;
mod building;
mod completion;
mod failures;
mod lifespan;
mod lists;
mod resources;
mod results;
mod wire;
