//! What is seen of calls: the audit, numbers, traces and logs.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test may unwrap like the test itself"
)]

mod calls;
mod chain;
mod crash;
mod failing;
mod logs;
mod numbers;
mod traces;
