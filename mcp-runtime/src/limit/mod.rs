//! Limits: how often handlers are called, and how many calls run at once.
//!
//! Most need no more than an option: `#[tool(rate = "5/s")]` lets each caller call the tool five times a second. [`RateLayer`] is the
//! same for a group or for the whole server, and [`ConcurrencyLayer`] limits how many calls run at once.
//!
//! A rate is a token bucket, and buckets are in a [`Store`]: in the memory of the process, unless
//! [`Server::rate_store`](crate::Server::rate_store) says otherwise.

mod concurrency;
mod layer;
mod memory;
mod rate;
#[cfg(feature = "redis")]
mod redis;
mod share;
mod store;

pub use concurrency::{ConcurrencyLayer, ConcurrencyLimited};
pub use layer::{RateLayer, RateLimited};
pub use memory::Memory;
pub use rate::{Rate, RateError};
#[cfg(feature = "redis")]
pub use redis::{Redis, RedisError};
use share::Share;
pub(crate) use store::Buckets;
pub use store::{Decision, Store, Taken};
