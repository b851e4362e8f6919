//! Write an `async fn`, get a [Model Context Protocol](https://modelcontextprotocol.io) server.
//!
//! ```no_run
//! use mcp_runtime::{Server, handlers, tool};
//!
//! /// Greets somebody.
//! #[tool(read_only)]
//! async fn hello(
//!     /// Whom to greet.
//!     #[arg(length(min = 1, max = 100))]
//!     name: String,
//! ) -> String {
//!     format!("Hello, {name}!")
//! }
//!
//! # #[cfg(feature = "stdio")]
//! #[tokio::main]
//! async fn main() -> mcp_runtime::Result<()> {
//!     Server::new("hello", env!("CARGO_PKG_VERSION")).add(handlers![hello]).serve_stdio().await
//! }
//! # #[cfg(not(feature = "stdio"))]
//! # fn main() {}
//! ```
//!
//! # Where to look
//!
//! | to | see |
//! |---|---|
//! | write handlers | [`tool`](macro@tool), [`resource`](macro@resource), [`prompt`](macro@prompt) |
//! | list them | [`handlers!`], [`group`](macro@group), [`Handlers`] |
//! | say what a handler takes | [`FromCall`]: arguments, [`Context`], [`State`], [`Principal`], [`ServerHandle`] |
//! | propose values for arguments of prompts and templates | [`Completion`] |
//! | call one handler by another | [`Context::call_tool`], [`Context::read_resource`] |
//! | take what must not be shown, a path, or an address | [`Secret`], `fs` (feature `fs`), `net` (feature `net`) |
//! | say what it returns | [`ToolOutput`], [`ResourceOutput`], [`PromptOutput`], [`Content`] |
//! | fail | [`CallError`], [`IntoCallError`] |
//! | ask the user | `#[ask("…")]` of a [`tool`](macro@tool#questions), [`Context::elicit`], [`Context::once`], [`AskError`] |
//! | put a server together and serve it | [`Server`], [`Service`] |
//! | change it while it serves | [`ServerHandle`], [`Key`] |
//! | find out over HTTP who is calling | `auth` (feature `auth`) |
//! | say who may use what | `scopes(…)` and `guard = …` of a [`tool`](macro@tool), [`Handlers::guard`], [`Access`], [`Tenant`] |
//! | stand around calls | `layer` (feature `layer`), `limit` (feature `limits`) |
//! | see what happens | `logging`, `metrics`, `audit` (features `logging`, `prometheus`, `audit`) |
//! | test it | `testing` (feature `testing`) |
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `stdio` | yes | `Server::serve_stdio` and `Service::serve_io` |
//! | `http` | no | `Server::serve_http`, `Server::into_http_service` and `Service::http`: Streamable HTTP |
//! | `testing` | no | `testing`, an in-memory client |
//! | `auth` | no | `auth`: JSON Web Tokens, API keys and introspection for HTTP, and what OAuth clients need to find their way |
//! | `layer` | no | `layer`, any `tower::Layer` around calls |
//! | `limits` | no | `limit` and `#[tool(rate = "5/s")]`: how often handlers are called, and how many calls run at once |
//! | `redis` | no | `limit::Redis`, rates that several processes share |
//! | `cache` | no | `#[tool(read_only, idempotent, cache = "30s")]`, results that are kept for a time |
//! | `audit` | no | `audit`, one record for each call, in a chain of hashes, and the command `mcp-audit` |
//! | `logging` | no | `logging`: logs on standard error by one call, and a layer that forwards what handlers tell `tracing` to their clients |
//! | `prometheus` | no | `metrics`: numbers of calls, and `/metrics` |
//! | `otel` | no | spans of calls in the traces of OpenTelemetry, `TraceContext::current` |
//! | `fs` | no | `fs`, arguments that are paths beneath a folder of the server's |
//! | `net` | no | `net`, arguments that are public web addresses |
//! | `reqwest` | no | `net::Client`, which fetches public web addresses alone; includes `net` |
//! | `inventory` | no | `Server::collect`, registration by decoration alone |
//! | `sse` | no | `Http::sse`, the deprecated HTTP transport of 2024-11-05 |
//!
//! # Revisions of the protocol
//!
//! One server speaks 2026-07-28, which has no sessions, and 2025-11-25 and 2025-06-18, which have. The same functions serve all of
//! them, on one connection if need be. [`Server::older_versions`] adds two more.
//!
//! # Underneath
//!
//! The crate stands on [`rmcp`], the official SDK: a [`Service`] is an rmcp `ServerHandler`. Types of rmcp stand in no signature that
//! a handler needs, [`Raw`] apart, so that a new major version of it is not one of this crate.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
pub mod __private;
mod argument;
#[cfg(feature = "audit")]
pub mod audit;
#[cfg(feature = "auth")]
pub mod auth;
mod compat;
mod completion;
mod content;
mod context;
mod cursor;
mod definition;
mod dispatch;
mod driver;
mod error;
mod fingerprint;
mod guard;
mod handler;
mod handlers;
mod hub;
#[cfg(feature = "layer")]
pub mod layer;
mod lifespan;
#[cfg(feature = "limits")]
pub mod limit;
mod live;
#[cfg(feature = "logging")]
pub mod logging;
#[cfg(feature = "prometheus")]
pub mod metrics;
mod observe;
mod outcome;
mod principal;
mod prompt;
mod protect;
mod reference;
mod refusal;
mod registry;
mod resource;
mod seal;
mod server;
mod service;
#[cfg(feature = "testing")]
pub mod testing;
mod tool;
mod transport;

pub use argument::{Call, FromCall, Problem, Requirements};
pub use completion::Completion;
pub use content::{Audience, Content, Contents, Icon, PromptMessage, ResourceContent};
pub use context::{
    Amount, Ask, AskError, Called, Context, LogLevel, Reading, Root, Sample, Sampling, State,
    TraceContext, Track, TrackIter,
};
pub use definition::Definition;
pub use error::{CallError, Error, HandlerError, IntoCallError, Result};
pub use guard::{Access, Tenant, Within};
pub use handlers::{Handlers, IntoHandlers, Key, Kind};
#[doc = include_str!("docs/group.md")]
pub use mcp_macros::group;
#[doc = include_str!("docs/handlers.md")]
pub use mcp_macros::handlers;
#[doc = include_str!("docs/prompt.md")]
pub use mcp_macros::prompt;
#[doc = include_str!("docs/resource.md")]
pub use mcp_macros::resource;
#[doc = include_str!("docs/tool.md")]
pub use mcp_macros::tool;
pub use principal::Principal;
pub use prompt::PromptOutput;
pub use protect::Secret;
#[cfg(feature = "fs")]
pub use protect::fs;
#[cfg(feature = "net")]
pub use protect::net;
pub use resource::{Json, ResourceOutput};
pub use server::{Server, ServerHandle};
pub use service::Service;
pub use tool::{Raw, ToolOutput, ToolReply};
#[cfg(feature = "auth")]
pub use transport::http::ProtectedResource;
#[cfg(feature = "http")]
pub use transport::http::{Http, HttpBody, HttpListener, HttpParts, HttpService};
#[doc(no_inline)]
pub use {rmcp, schemars, serde, serde_json};

/// The pages of the repository, so that their examples are compiled and run.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    #[expect(dead_code, reason = "only its documentation counts")]
    struct Readme;

    #[doc = include_str!("../../docs/guide.md")]
    #[expect(dead_code, reason = "only its documentation counts")]
    struct Guide;

    #[doc = include_str!("../../docs/architecture.md")]
    #[expect(dead_code, reason = "only its documentation counts")]
    struct Architecture;

    #[doc = include_str!("../../docs/decisions.md")]
    #[expect(dead_code, reason = "only its documentation counts")]
    struct Decisions;
}
