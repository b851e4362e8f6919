//! The behaviour of a server, whatever transport it is served on: driven by the in-memory client.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test may unwrap like the test itself"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "`json!` stands best where it is passed"
)]

mod arguments;
mod asking;
mod building;
mod caching;
mod changes;
mod completion;
mod failures;
mod guarding;
mod keeping;
mod layers;
mod lifespan;
mod limits;
mod lists;
mod nested;
mod paths;
mod raw;
mod reporting;
mod resilience;
mod resources;
mod results;
mod rights;
mod secrets;
mod subscriptions;
mod tenants;
mod urls;
mod versions;
mod wire;
