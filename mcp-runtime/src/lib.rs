//! Placeholder.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate self as mcp_runtime;

#[doc(hidden)]
pub mod __private;
mod argument;
mod content;
mod context;
mod error;
mod handlers;
mod prompt;
mod resource;
mod tool;

pub use argument::{Call, FromCall, Problem, Requirements};
pub use content::{Audience, Content, Contents, Icon, PromptMessage, ResourceContent};
pub use context::{Context, State};
pub use error::{CallError, Error, HandlerError, IntoCallError, Result};
pub use handlers::{Handlers, IntoHandlers};
pub use mcp_macros::{group, handlers, prompt, resource, tool};
pub use prompt::PromptOutput;
pub use resource::{Json, ResourceOutput};
pub use tool::{Raw, ToolOutput, ToolReply};
#[doc(no_inline)]
pub use {rmcp, schemars, serde, serde_json};
