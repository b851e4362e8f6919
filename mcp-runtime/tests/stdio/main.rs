//! The protocol over standard input and output, with a process of its own at the other end.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test may panic, and `json!` stands best where it is passed"
)]

mod asking;
mod calls;
mod changes;
mod child;
mod life;
mod messages;
mod reports;
mod streams;
mod versions;
