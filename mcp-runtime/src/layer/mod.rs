//! Layers: what stands around calls. Any [`tower::Layer`](tower_layer::Layer) will do.
//!
//! A layer sees a [`CallRequest`] on its way to a handler and the [`CallResponse`] on its way back, as values with types: not the
//! JSON of the protocol, and not the bytes of a transport. So the layers of tower work as they are, a timeout, a limit of
//! concurrency, load shedding, a buffer, retries; and so do your own.
//!
//! ```
//! use std::time::Duration;
//!
//! use mcp_runtime::{Server, handlers, layer::{self, CallRequest, Next}, tool};
//! use tower::{limit::ConcurrencyLimitLayer, timeout::TimeoutLayer};
//!
//! /// Renders a page.
//! #[tool]
//! async fn render(url: String) -> String {
//!     format!("<a href=\"{url}\">")
//! }
//!
//! let server = Server::new("example", "1.0.0")
//!     .add(handlers![render].layer(ConcurrencyLimitLayer::new(2)))
//!     .layer(TimeoutLayer::new(Duration::from_secs(10)))
//!     .layer(layer::from_fn(async |request: CallRequest, next: Next| {
//!         println!("{} is called", request.name());
//!         next.run(request).await
//!     }));
//! # server.build()?;
//! # Ok::<(), mcp_runtime::Error>(())
//! ```
//!
//! # Order
//!
//! A call goes through the layers of the server, then through those of the groups that the handler is in, the outermost group
//! first, then through those of the handler, and back. Of several layers of one place, the one that was added last is the
//! outermost, as in axum: in the example, the function is called before the ten seconds begin. Each layer is made once, when it is added:
//! the two calls at a time of the example are those of all handlers of the group together.
//!
//! Before all layers it is decided whether the caller may use the handler at all: to what it may not use, no layer is asked.
//! After them the arguments are checked, and the handler runs, with its own deadline. A call that a handler makes with
//! [`Context::call_tool`](crate::Context::call_tool) goes the same way, through all of the layers: in tower's `ConcurrencyLimitLayer` it
//! may wait for the place of the call that makes it, until a deadline ends both. `limit::ConcurrencyLayer` counts the
//! two as one.
//!
//! # Failures
//!
//! A handler that fails is an `Ok` for a layer, as an error of HTTP is: [`CallResponse::is_error`] tells, so that a policy of
//! retries looks at the response. An `Err` is a layer that gave up. The client reads the text of a [`Refusal`], and it is told of
//! a timeout and of a server that sheds load; any other error of a layer is internal, and masked.
//!
//! A client that takes its call back ends it: the future of the layered call is dropped, and the handler with it.

mod breaker;
#[cfg(feature = "cache")]
mod cache;
mod failure;
mod function;
mod next;
mod request;
mod response;
mod retry;
mod service;
mod stack;

pub use breaker::{Breaker, BreakerLayer};
#[cfg(feature = "cache")]
pub use cache::{CacheLayer, Cached};
pub use failure::Refusal;
pub use function::{FromFn, FromFnLayer, from_fn};
pub use next::{Next, NextFuture};
pub use request::CallRequest;
pub use response::CallResponse;
pub(crate) use response::Outcome;
pub use retry::RetryPolicy;
pub(crate) use service::standing_around;
pub use stack::IsLayer;
pub(crate) use stack::{Stack, stack};

pub use crate::outcome::Failure;

/// Any error: what layers fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
