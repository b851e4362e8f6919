//! One pipeline for every call, whatever transport it came by: find the handler, check the arguments, run it, say how it
//! ended.

#[cfg(feature = "layer")]
mod layered;
mod lists;
mod run;
mod target;

#[cfg(feature = "layer")]
pub(crate) use run::{Arguments, Ran};
pub(crate) use target::{Output, Target};

use std::sync::Arc;

use rmcp::model::{
    CallToolResult, ErrorData, GetPromptResult, MetaObject, ProtocolVersion, ReadResourceResult,
};
use serde_json::{Map, Value};

use crate::{
    Kind, Service,
    compat::{self, CacheHints},
    context::{Caller, Round},
    observe::Subject,
    refusal,
    registry::ResourceEntry,
};

/// An answer, or `None` if the client took the request back: then nothing more is sent.
pub(crate) type Answer<R> = Option<Result<Reply<R>, ErrorData>>;

/// What a call comes to.
#[derive(Clone, Debug)]
pub(crate) enum Reply<R> {
    /// The result.
    Complete(R),
    /// Questions that the client has to answer first.
    InputRequired(Round),
}

impl<R> Reply<R> {
    fn map<S>(self, change: impl FnOnce(R) -> S) -> Reply<S> {
        match self {
            Self::Complete(result) => Reply::Complete(change(result)),
            Self::InputRequired(round) => Reply::InputRequired(round),
        }
    }

    fn try_map<S, E>(self, change: impl FnOnce(R) -> Result<S, E>) -> Result<Reply<S>, E> {
        Ok(match self {
            Self::Complete(result) => Reply::Complete(change(result)?),
            Self::InputRequired(round) => Reply::InputRequired(round),
        })
    }
}

impl Service {
    /// `tools/call`.
    pub(crate) async fn call_tool(
        &self,
        caller: Arc<Caller>,
        name: &str,
        arguments: Option<Map<String, Value>>,
    ) -> Answer<CallToolResult> {
        let registry = self.registry();
        let view = self.view(&registry, &caller);
        let Some(entry) = view.tool(name) else {
            let subject = Subject::absent(Kind::Tool, name);
            let exists = registry.tool(name).is_some();
            self.note_absent(&subject, &caller, &arguments.unwrap_or_default(), exists);
            let unknown = refusal::unknown_tool(name, &view);
            return Some(Err(self.absent("tools/call", unknown)));
        };
        let version = caller.version.clone();
        let arguments = arguments.unwrap_or_default();
        let outcome = self.run_tool(entry, caller, &version, arguments).await?;
        let reply = match outcome {
            Ok(reply) => reply,
            Err(failure) => match failure.into_result(&version) {
                Ok(result) => Reply::Complete(result),
                Err(error) => return Some(Err(error)),
            },
        };
        Some(Ok(reply))
    }

    /// `resources/read`.
    pub(crate) async fn read_resource(
        &self,
        caller: Arc<Caller>,
        uri: &str,
    ) -> Answer<ReadResourceResult> {
        let registry = self.registry();
        let version = caller.version.clone();
        let view = self.view(&registry, &caller);
        let Some((entry, variables)) = view.resource(uri) else {
            let subject = Subject::absent(Kind::Resource, uri);
            let exists = registry.resource(uri).is_some();
            self.note_absent(&subject, &caller, &Map::new(), exists);
            let unknown = refusal::unknown_resource(uri, &view, &version);
            return Some(Err(self.absent("resources/read", unknown)));
        };
        let outcome = self.run_resource(entry, uri, variables, caller).await?;
        Some(match outcome {
            Ok(reply) => Ok(reply.map(|contents| {
                let contents = contents
                    .into_iter()
                    .map(|content| content.into_model(uri, entry.resource.mime_type));
                let mut result = ReadResourceResult::new(contents.collect());
                (result.ttl_ms, result.cache_scope) = self.hints(entry).told(&version);
                result
            })),
            Err(failure) => Err(failure.into_error(&version, ("uri", uri))),
        })
    }

    /// `prompts/get`.
    pub(crate) async fn get_prompt(
        &self,
        caller: Arc<Caller>,
        name: &str,
        arguments: Option<Map<String, Value>>,
    ) -> Answer<GetPromptResult> {
        let registry = self.registry();
        let version = caller.version.clone();
        let view = self.view(&registry, &caller);
        let Some(entry) = view.prompt(name) else {
            let subject = Subject::absent(Kind::Prompt, name);
            let exists = registry.prompt(name).is_some();
            self.note_absent(&subject, &caller, &arguments.unwrap_or_default(), exists);
            let unknown = refusal::unknown_prompt(name, &view);
            return Some(Err(self.absent("prompts/get", unknown)));
        };
        let arguments = arguments.unwrap_or_default();
        let outcome = self.run_prompt(entry, caller, arguments).await?;
        Some(match outcome {
            Ok(reply) => Ok(reply.map(|messages| {
                let messages = messages.into_iter().map(|message| {
                    let mut message = message.into_model();
                    message.content = compat::content(&version, message.content);
                    message
                });
                let mut result = GetPromptResult::new(messages.collect());
                result.description = entry.prompt.common.description.map(Into::into);
                result
            })),
            Err(failure) => Err(failure.into_error(&version, ("prompt", name))),
        })
    }

    /// How long clients may keep what a resource holds, and who may.
    fn hints(&self, entry: &ResourceEntry) -> CacheHints {
        let hints = entry.hints();
        if self.parts().rules.is_empty() {
            return hints;
        }
        hints.private()
    }

    /// Results of revisions without sessions name the server that made them.
    pub(crate) fn stamp(&self, version: &ProtocolVersion, meta: &mut Option<MetaObject>) {
        if !version.has_initialize() {
            let meta = meta.get_or_insert_default();
            meta.0
                .insert(compat::SERVER_INFO.into(), self.parts().identity.clone());
        }
    }
}
