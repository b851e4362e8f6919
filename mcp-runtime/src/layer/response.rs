//! [`CallResponse`]: what a call has come to.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    PromptMessage,
    dispatch::{Output, Reply, Target},
    outcome::Failure,
};

/// What a call has come to, on its way back to the client.
///
/// It can be kept and given again: a clone is an answer to another call of the same handler, by a client that speaks the same
/// revision of the protocol.
#[derive(Clone, Debug)]
pub struct CallResponse {
    target: Arc<Target>,
    outcome: Outcome,
}

/// How a call has ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Ended(Result<Reply<Output>, Failure>),
    /// The client has taken the call back.
    Cancelled,
}

impl CallResponse {
    pub(super) fn new(target: &Arc<Target>, outcome: Outcome) -> Self {
        Self {
            target: Arc::clone(target),
            outcome,
        }
    }

    /// Whether the handler has failed, or has answered with the result of a failure.
    #[must_use]
    pub fn is_error(&self) -> bool {
        match &self.outcome {
            Outcome::Ended(Err(_)) => true,
            Outcome::Ended(Ok(Reply::Complete(Output::Tool(result)))) => {
                result.is_error == Some(true)
            }
            _ => false,
        }
    }

    /// How the handler has failed, if it has.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &self.outcome {
            Outcome::Ended(Err(failure)) => Some(failure),
            _ => None,
        }
    }

    /// Whether the client has to answer questions before the handler can go on: it will call again then.
    #[must_use]
    pub fn is_input_required(&self) -> bool {
        matches!(&self.outcome, Outcome::Ended(Ok(Reply::InputRequired(_))))
    }

    /// Whether the client has taken the call back: nobody will see the response.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(&self.outcome, Outcome::Cancelled)
    }

    /// The result in the form of the protocol, without what the server adds to its `_meta`; the questions, if there are some; what
    /// programs are told of a failure; `null` if the client has taken the call back.
    #[must_use]
    pub fn value(&self) -> Value {
        match &self.outcome {
            Outcome::Ended(Ok(Reply::Complete(output))) => self.written(output),
            Outcome::Ended(Ok(Reply::InputRequired(round))) => {
                serde_json::to_value(round).unwrap_or_default()
            }
            Outcome::Ended(Err(failure)) => failure.value().clone(),
            Outcome::Cancelled => Value::Null,
        }
    }

    /// The same response with another text in place of each one that it holds: that of the blocks of a tool, of the contents of a
    /// resource, of the messages of a prompt. Structured content and failures stay as they are.
    #[must_use]
    pub fn map_text(mut self, change: impl FnMut(String) -> String) -> Self {
        if let Outcome::Ended(Ok(Reply::Complete(output))) = &mut self.outcome {
            output.map_text(change);
        }
        self
    }

    /// Whether it is an answer that says nothing about the call for which it was made.
    #[cfg(feature = "cache")]
    pub(super) fn can_be_kept(&self) -> bool {
        let Outcome::Ended(Ok(Reply::Complete(output))) = &self.outcome else {
            return false;
        };
        match output {
            Output::Tool(result) => result.is_error != Some(true) && result.meta.is_none(),
            Output::Resource(_) | Output::Prompt(_) => true,
        }
    }

    pub(crate) fn into_outcome(self) -> Outcome {
        self.outcome
    }

    fn written(&self, output: &Output) -> Value {
        let written = match output {
            Output::Tool(result) => serde_json::to_value(result),
            Output::Resource(contents) => {
                let (uri, mime_type) = match &*self.target {
                    Target::Resource(entry, uri) => (&**uri, entry.resource.mime_type),
                    _ => ("", None),
                };
                let contents = contents.iter().cloned();
                let contents = contents.map(|content| content.into_model(uri, mime_type));
                Ok(json!({ "contents": contents.collect::<Vec<_>>() }))
            }
            Output::Prompt(messages) => {
                let messages = messages.iter().cloned().map(PromptMessage::into_model);
                Ok(json!({ "messages": messages.collect::<Vec<_>>() }))
            }
        };
        // All of it is plain data with string keys, which always has a JSON form.
        written.unwrap_or_default()
    }
}
