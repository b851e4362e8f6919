//! Numbers of calls, and the endpoint that Prometheus reads.
//!
//! ```no_run
//! use mcp_runtime::{Server, metrics::Prometheus};
//!
//! # async fn serve() -> mcp_runtime::Result<()> {
//! let prometheus = Prometheus::install()?;
//! let service = Server::new("example", "1.0.0").metrics(true).build()?;
//! // Beside `/mcp`, this serves `/metrics`.
//! service.http().metrics(prometheus).serve_tcp("127.0.0.1:8080").await
//! # }
//! ```
//!
//! [`Server::metrics`](crate::Server::metrics) counts through the facade of the crate `metrics`: with another recorder than
//! [`Prometheus`] the numbers go elsewhere, and whatever the program counts itself is at `/metrics`, too.
//!
//! | name | type | labels | what it counts |
//! |---|---|---|---|
//! | `mcp_calls_total` | counter | `kind`, `name`, `outcome` | calls, by how they ended: `ok`, `error`, `input_required`, `cancelled` |
//! | `mcp_call_errors_total` | counter | `kind`, `name`, `error` | calls that have failed, by the kind of the error |
//! | `mcp_call_duration_seconds` | histogram | `kind`, `name` | how long calls took |
//! | `mcp_calls_in_flight` | gauge | `kind` | calls that go on |
//! | `mcp_calls_rate_limited_total` | counter | `kind`, `name` | calls that a limit of their rate has refused |
//! | `mcp_sessions` | gauge | | sessions that clients have opened by `initialize`, over HTTP and on streams such as stdio |
//!
//! `kind` is `tool`, `resource` or `prompt`, and `name` the name of a handler. Calls of anything else have the name
//! `(unknown)` in common, so that no client can make the numbers grow without end. The kinds of errors are those of the
//! [audit](crate::audit#records).

mod call;
mod prometheus;

pub use self::prometheus::Prometheus;

pub(crate) use self::call::{Counted, Numbers, OpenSession};
