//! The protocol over HTTP, byte by byte over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test may panic, and `json!` stands best where it is passed"
)]

mod changes;
mod client;
mod fixture;
mod front;
mod headers;
mod legacy;
mod messages;
mod mounted;
mod pages;
mod questions;
mod server;
mod sessions;
#[cfg(feature = "sse")]
mod sse;
mod streams;
mod uris;
