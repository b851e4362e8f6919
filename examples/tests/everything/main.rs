//! The example `everything` in a process of its own, driven over its pipes and sockets byte by byte: what it can do, in both forms of
//! the protocol, and what it does about clients that are hostile or broken.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test may panic, and `json!` stands best where it is passed"
)]

mod auth;
mod calls;
mod capabilities;
mod child;
mod ends;
mod era;
mod http;
mod lines;
mod listens;
mod names;
mod pages;
mod rounds;
mod sessions;
