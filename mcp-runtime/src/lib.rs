//! The runtime of `mcp-runtime`.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the rest of the crate comes to use it")
)]
mod argument;

pub use argument::Problem;
