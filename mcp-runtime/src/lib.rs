//! Placeholder.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
pub mod __private;
mod argument;
mod compat;
mod content;
mod context;
mod cursor;
mod dispatch;
mod driver;
mod error;
mod handler;
mod handlers;
mod lifespan;
mod outcome;
mod prompt;
mod reference;
mod refusal;
mod registry;
mod resource;
mod server;
mod service;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
mod tool;
mod transport;

pub use argument::{Call, FromCall, Problem, Requirements};
pub use content::{Audience, Content, Contents, Icon, PromptMessage, ResourceContent};
pub use context::{Amount, Context, State};
pub use error::{CallError, Error, HandlerError, IntoCallError, Result};
pub use handlers::{Handlers, IntoHandlers};
pub use mcp_macros::{group, handlers, prompt, resource, tool};
pub use prompt::PromptOutput;
pub use resource::{Json, ResourceOutput};
pub use server::Server;
pub use service::Service;
pub use tool::{Raw, ToolOutput, ToolReply};
#[doc(no_inline)]
pub use {rmcp, schemars, serde, serde_json};
