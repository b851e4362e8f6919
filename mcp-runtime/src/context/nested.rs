//! Calls of one handler by another.

use std::sync::{Arc, atomic::Ordering};

use rmcp::model::{CallToolResult, ContentBlock, ProtocolVersion};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Caller, Context, Parent};
use crate::{
    CallError, Contents, ResourceContent, Service, dispatch::Reply, outcome::Failure, refusal,
};

/// How deeply calls may be nested below the one that the client made.
const MAX_DEPTH: usize = 8;

impl Context {
    /// Calls a tool of the same server, as the client could: the arguments are checked, the deadline of the tool holds, and a
    /// panic is contained. The tool sees the same caller; its progress goes nowhere.
    ///
    /// ```
    /// use mcp_runtime::{CallError, Context, serde_json::json, tool};
    ///
    /// /// Adds two numbers.
    /// #[tool]
    /// fn add(a: i64, b: i64) -> i64 {
    ///     a + b
    /// }
    ///
    /// /// Doubles a number.
    /// #[tool]
    /// async fn double(ctx: Context, number: i64) -> Result<i64, CallError> {
    ///     ctx.call_tool("add", json!({ "a": number, "b": number })).await?.structured()
    /// }
    /// ```
    ///
    /// Layers stand around the inner call, too. One that limits how many calls run at once and knows nothing of the outer call, as tower's
    /// `ConcurrencyLimitLayer`, may have the inner one wait for the place that the outer one holds, until a deadline ends both;
    /// `limit::ConcurrencyLayer` counts them as one.
    ///
    /// # Errors
    ///
    /// If there is no such tool, or if it fails: with the text that the client would have got. At most eight calls can be
    /// nested.
    pub async fn call_tool(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<Called, CallError> {
        let arguments = match serde_json::to_value(arguments)? {
            Value::Object(arguments) => Some(arguments),
            Value::Null => None,
            _ => return Err(CallError::internal("arguments must be an object")),
        };
        let result = self.called(name, arguments).await?;
        if result.is_error == Some(true) {
            return Err(CallError::new(text(&result.content)));
        }
        Ok(Called(result))
    }

    /// Reads a resource of the same server, as [`call_tool`](Self::call_tool) calls a tool.
    ///
    /// # Errors
    ///
    /// If there is no such resource, or if it fails: with the text that the client would have got. At most eight calls can be
    /// nested.
    pub async fn read_resource(&self, uri: &str) -> Result<Reading, CallError> {
        let service = self.nesting()?;
        let registry = service.registry();
        let view = service.view(&registry, &self.0.caller);
        let Some((entry, variables)) = view.resource(uri) else {
            let version = &ProtocolVersion::LATEST;
            let refusal = refusal::unknown_resource(uri, &view, version);
            return Err(CallError::not_found_saying(refusal.message.into_owned()));
        };
        let caller = self.calling(entry.resource.common.name);
        let outcome = service.run_resource(entry, uri, variables, caller).await;
        let reply = ended(outcome, Some(uri)).await?;
        Ok(Reading {
            contents: reply,
            mime_type: entry.resource.mime_type,
        })
    }

    async fn called(
        &self,
        name: &str,
        arguments: Option<Map<String, Value>>,
    ) -> Result<CallToolResult, CallError> {
        let service = self.nesting()?;
        let registry = service.registry();
        let view = service.view(&registry, &self.0.caller);
        let Some(entry) = view.tool(name) else {
            let refusal = refusal::unknown_tool(name, &view);
            return Err(CallError::new(refusal.message));
        };
        let caller = self.calling(name);
        // In this revision, values are what they are; before it they are wrapped into objects.
        let version = &ProtocolVersion::LATEST;
        let outcome = service
            .run_tool(entry, caller, version, arguments.unwrap_or_default())
            .await;
        ended(outcome, None).await
    }

    /// The server, if one more call can be nested.
    fn nesting(&self) -> Result<&Service, CallError> {
        let service = self.service();
        let service = service.ok_or_else(|| CallError::internal("the call has no server"))?;
        let parents = std::iter::successors(self.outer(), |inner| inner.outer());
        if parents.count() >= MAX_DEPTH {
            let problem = format!("handlers call each other more than {MAX_DEPTH} deep");
            return Err(CallError::new(problem));
        }
        Ok(service)
    }

    /// The requests of the calls that this one is a part of, the nearest first. Unlike [`outer`](Self::outer), it also knows those of
    /// a call that is still on its way through its layers.
    #[cfg(feature = "limits")]
    pub(crate) fn outer_callers(&self) -> impl Iterator<Item = &Arc<Caller>> {
        let parent = self.0.caller.parent.as_deref().map(Parent::caller);
        std::iter::successors(parent, |caller| {
            caller.parent.as_deref().map(Parent::caller)
        })
    }

    /// The caller of a call that this one makes: the same one in the same request. What only the client's own call has is left
    /// out, and the questions are told apart by who asks them.
    fn calling(&self, name: &str) -> Arc<Caller> {
        let number = self.0.calls.fetch_add(1, Ordering::Relaxed);
        let parent = Parent::new(self, format!("{number}.{name}/"));
        Arc::new(self.0.caller.nested(parent))
    }
}

/// What a tool has answered to another handler.
#[derive(Clone, Debug)]
pub struct Called(CallToolResult);

impl Called {
    /// The text: that of all blocks of text, a line each.
    #[must_use]
    pub fn text(&self) -> String {
        text(&self.0.content)
    }

    /// The value that the tool has returned; a tool that returns a string, nothing or contents has none.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        self.0.structured_content.as_ref()
    }

    /// The value that the tool has returned, read as another type; if it has returned a string, the string.
    ///
    /// # Errors
    ///
    /// An internal error if the value does not fit.
    pub fn structured<T: DeserializeOwned>(self) -> Result<T, CallError> {
        let value = match self.0.structured_content {
            Some(value) => value,
            None if self.0.content.is_empty() => Value::Null,
            None => text(&self.0.content).into(),
        };
        Ok(serde_json::from_value(value)?)
    }

    /// The contents, to return them as they are.
    #[must_use]
    pub fn into_contents(self) -> Contents {
        Contents::from_model(self.0.content)
    }
}

/// What a resource has held when another handler read it.
#[derive(Clone, Debug)]
pub struct Reading {
    contents: Vec<ResourceContent>,
    mime_type: Option<&'static str>,
}

impl Reading {
    /// The text of the first content that is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.contents.iter().find_map(ResourceContent::as_text)
    }

    /// The bytes of the first content, also if it is text.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        self.contents.first().map(ResourceContent::as_bytes)
    }

    /// The first content, read as JSON.
    ///
    /// # Errors
    ///
    /// An internal error if it is no JSON, or does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        Ok(serde_json::from_slice(self.bytes().unwrap_or_default())?)
    }

    /// All contents, to return them as they are.
    #[must_use]
    pub fn into_contents(self) -> Vec<ResourceContent> {
        let typed = |content: ResourceContent| content.or_mime_type(self.mime_type);
        self.contents.into_iter().map(typed).collect()
    }
}

/// What a nested call came to. If nobody waits for the outer call any more, or if the client is to be asked first, the outer
/// call is about to be dropped, and never gets here.
async fn ended<R>(
    outcome: Option<Result<Reply<R>, Failure>>,
    uri: Option<&str>,
) -> Result<R, CallError> {
    match outcome {
        Some(Ok(Reply::Complete(reply))) => Ok(reply),
        Some(Err(failure)) => Err(failure.into_call_error(uri)),
        Some(Ok(Reply::InputRequired(_))) | None => std::future::pending().await,
    }
}

fn text(blocks: &[ContentBlock]) -> String {
    let texts = blocks.iter().filter_map(|block| match block {
        ContentBlock::Text(text) => Some(&*text.text),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}
