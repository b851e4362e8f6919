//! What a call runs, and what comes out of it: the same for all kinds of handlers, so that what stands around a call need
//! not know them.

use std::sync::Arc;

use rmcp::model::{CallToolResult, ProtocolVersion};

#[cfg(feature = "layer")]
use {
    crate::{
        CallError,
        outcome::tool_result,
        tool::{Inner, ToolReply},
    },
    rmcp::model::ContentBlock,
    serde_json::Value,
};

use crate::{
    Definition, PromptMessage, ResourceContent,
    handlers::Common,
    registry::{Input, PromptEntry, ResourceEntry, ToolEntry},
};

/// The handler that a call is for.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A tool, and the revision of the protocol in whose form its result is.
    Tool(Arc<ToolEntry>, ProtocolVersion),
    /// A resource and its URI, as the client wrote it.
    Resource(Arc<ResourceEntry>, String),
    Prompt(Arc<PromptEntry>),
}

/// What a handler has answered.
#[derive(Clone, Debug)]
pub(crate) enum Output {
    Tool(CallToolResult),
    Resource(Vec<ResourceContent>),
    Prompt(Vec<PromptMessage>),
}

impl Target {
    /// The method that the client calls it by.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::Tool(..) => "tools/call",
            Self::Resource(..) => "resources/read",
            Self::Prompt(_) => "prompts/get",
        }
    }

    /// What the request is about: a name or a URI.
    pub(crate) fn subject(&self) -> &str {
        match self {
            Self::Resource(_, uri) => uri,
            Self::Tool(..) | Self::Prompt(_) => self.common().name,
        }
    }

    /// The URI of a resource.
    pub(crate) fn uri(&self) -> Option<&str> {
        match self {
            Self::Resource(_, uri) => Some(uri),
            Self::Tool(..) | Self::Prompt(_) => None,
        }
    }

    /// What the author has said about the handler.
    pub(crate) fn definition(&self) -> Definition<'_> {
        match self {
            Self::Tool(entry, _) => entry.tool.definition(),
            Self::Resource(entry, _) => entry.resource.definition(),
            Self::Prompt(entry) => entry.prompt.definition(),
        }
    }

    pub(crate) fn common(&self) -> &Common {
        match self {
            Self::Tool(entry, _) => &entry.tool.common,
            Self::Resource(entry, _) => &entry.resource.common,
            Self::Prompt(entry) => &entry.prompt.common,
        }
    }

    /// What its handler would have answered if it had returned a value.
    #[cfg(feature = "layer")]
    pub(crate) fn output(&self, value: Value) -> Result<Output, CallError> {
        let text = |value| match value {
            Value::String(text) => Ok(text),
            value => serde_json::to_string(&value),
        };
        Ok(match self {
            Self::Tool(entry, version) => {
                Output::Tool(tool_result(entry, version, ToolReply(Inner::Json(value)))?)
            }
            Self::Resource(..) => Output::Resource(match value {
                Value::String(text) => vec![ResourceContent::text(text)],
                value => vec![ResourceContent::json(text(value)?)],
            }),
            Self::Prompt(_) => Output::Prompt(vec![PromptMessage::user(text(value)?)]),
        })
    }

    pub(crate) fn input(&self) -> &Input {
        match self {
            Self::Tool(entry, _) => &entry.input,
            Self::Resource(entry, _) => &entry.input,
            Self::Prompt(entry) => &entry.input,
        }
    }
}

#[cfg(feature = "layer")]
impl Output {
    /// Puts another text in place of each one.
    pub(crate) fn map_text(&mut self, mut change: impl FnMut(String) -> String) {
        match self {
            Self::Tool(result) => {
                for block in &mut result.content {
                    if let ContentBlock::Text(text) = block {
                        text.text = change(std::mem::take(&mut text.text));
                    }
                }
            }
            Self::Resource(contents) => {
                for content in contents {
                    content.map_text(&mut change);
                }
            }
            Self::Prompt(messages) => {
                for message in messages {
                    message.map_text(&mut change);
                }
            }
        }
    }
}
