//! Prompts: their definition and what they may return.

use std::{fmt, sync::Arc};

use crate::{
    Call, CallError, PromptMessage,
    handlers::{CallFuture, Common, Run, common_setters},
};

/// What a prompt may return: a [`PromptMessage`], a `Vec` of them, or text, which is one message of the user.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a prompt",
    label = "not a prompt message",
    note = "return `String`, `PromptMessage` or `Vec<PromptMessage>`, or a `Result` of one of them"
)]
pub trait PromptOutput: Sized {
    /// Makes the reply.
    ///
    /// # Errors
    ///
    /// If the value cannot be shown to a client.
    fn into_reply(self) -> Result<PromptReply, CallError>;
}

/// What a prompt answers.
#[derive(Debug)]
pub struct PromptReply(pub(crate) Vec<PromptMessage>);

#[diagnostic::do_not_recommend]
impl PromptOutput for PromptMessage {
    fn into_reply(self) -> Result<PromptReply, CallError> {
        Ok(PromptReply(vec![self]))
    }
}

#[diagnostic::do_not_recommend]
impl PromptOutput for Vec<PromptMessage> {
    fn into_reply(self) -> Result<PromptReply, CallError> {
        Ok(PromptReply(self))
    }
}

#[diagnostic::do_not_recommend]
impl PromptOutput for String {
    fn into_reply(self) -> Result<PromptReply, CallError> {
        PromptMessage::user(self).into_reply()
    }
}

#[diagnostic::do_not_recommend]
impl PromptOutput for &'static str {
    fn into_reply(self) -> Result<PromptReply, CallError> {
        PromptMessage::user(self).into_reply()
    }
}

/// A prompt.
#[derive(Clone)]
pub struct Prompt {
    pub(crate) common: Common,
    pub(crate) run: Run<PromptReply>,
}

impl Prompt {
    /// A prompt of the given name.
    pub fn new(
        name: &'static str,
        run: impl Fn(Call) -> CallFuture<PromptReply> + Send + Sync + 'static,
    ) -> Self {
        Self {
            common: Common {
                name,
                ..Common::default()
            },
            run: Arc::new(run),
        }
    }

    common_setters!();
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prompt")
            .field("name", &self.common.name)
            .finish_non_exhaustive()
    }
}
