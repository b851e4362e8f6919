//! One pipeline for every call, whatever transport it came by: find the handler, check the arguments, run it, say how it
//! ended.

mod lists;

use std::{sync::Arc, time::Duration};

use rmcp::model::{
    CallToolResult, ContentBlock, ErrorData, GetPromptResult, MetaObject, ProtocolVersion,
    ReadResourceResult,
};
use serde_json::{Map, Value};
use tracing::Instrument;

use crate::{
    Call, CallError, Context, Principal, PromptMessage, ResourceContent, Service,
    argument::{Variables, coerce, from_strings, integral_floats},
    compat,
    context::{self, Asking, Caller, Resumed, Round},
    driver::drive,
    fingerprint::Fingerprint,
    handlers::Run,
    outcome::{Failure, settle, tool_result},
    refusal,
    registry::{Input, ResourceEntry, ToolEntry},
    resource::ResourceReply,
};

/// An answer, or `None` if the client took the request back: then nothing more is sent.
pub(crate) type Answer<R> = Option<Result<Reply<R>, ErrorData>>;

/// What a call comes to.
#[derive(Debug)]
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

/// What a handler has emitted, and how it ended.
type Ran<R> = (Option<String>, Result<Reply<R>, Failure>);

/// One handler about to run.
struct Job<'a, R> {
    method: &'static str,
    /// What the request is about: a name or a URI.
    subject: &'a str,
    name: &'a str,
    run: &'a Run<R>,
    input: &'a Input,
    timeout: Option<Duration>,
}

impl Service {
    /// `tools/call`.
    pub(crate) async fn call_tool(
        &self,
        caller: Caller,
        name: &str,
        arguments: Option<Map<String, Value>>,
    ) -> Answer<CallToolResult> {
        let registry = self.registry();
        let Some(entry) = registry.tool(name) else {
            let unknown = refusal::unknown_tool(name, &registry);
            return Some(Err(self.absent("tools/call", unknown)));
        };
        let version = caller.version.clone();
        let (mut chunks, outcome) = self.run_tool(entry, caller, &version, arguments).await?;
        let reply = match outcome {
            Ok(reply) => reply,
            Err(failure) => match failure.into_result(&version) {
                Ok(result) => Reply::Complete(begin(result, &mut chunks)),
                Err(error) => return Some(Err(error)),
            },
        };
        Some(Ok(reply))
    }

    /// Runs a tool. Its result has the form that it has in a revision of the protocol; what was emitted is a part of it, unless
    /// the tool has failed.
    pub(crate) async fn run_tool(
        &self,
        entry: &ToolEntry,
        caller: Caller,
        version: &ProtocolVersion,
        arguments: Option<Map<String, Value>>,
    ) -> Option<Ran<CallToolResult>> {
        let name = entry.tool.common.name;
        let job = Job {
            method: "tools/call",
            subject: name,
            name,
            run: &entry.tool.run,
            input: &entry.input,
            timeout: entry.tool.common.timeout,
        };
        let (mut chunks, outcome) = self
            .run(&job, caller, arguments.unwrap_or_default().into())
            .await?;
        let outcome = outcome.and_then(|reply| {
            reply.try_map(|reply| {
                tool_result(entry, version, reply)
                    .map(|result| begin(result, &mut chunks))
                    .and_then(|result| self.check(entry, version, result))
                    .map_err(|error| Failure::of(name, error, &entry.input))
            })
        });
        Some((chunks, outcome))
    }

    /// `resources/read`.
    pub(crate) async fn read_resource(
        &self,
        caller: Caller,
        uri: &str,
    ) -> Answer<ReadResourceResult> {
        let registry = self.registry();
        let version = caller.version.clone();
        let Some((entry, variables)) = registry.resource(uri) else {
            let unknown = refusal::unknown_resource(uri, &registry, &version);
            return Some(Err(self.absent("resources/read", unknown)));
        };
        let outcome = self.run_resource(entry, uri, variables, caller).await?;
        Some(match outcome {
            Ok(reply) => Ok(reply.map(|reply| {
                let contents = reply
                    .0
                    .into_iter()
                    .map(|content| content.into_model(uri, entry.resource.mime_type));
                let mut result = ReadResourceResult::new(contents.collect());
                (result.ttl_ms, result.cache_scope) = entry.hints().told(&version);
                result
            })),
            Err(failure) => Err(failure.into_error(&version, ("uri", uri))),
        })
    }

    /// Runs a resource.
    pub(crate) async fn run_resource(
        &self,
        entry: &ResourceEntry,
        uri: &str,
        variables: Variables,
        caller: Caller,
    ) -> Option<Result<Reply<ResourceReply>, Failure>> {
        let common = &entry.resource.common;
        let job = Job {
            method: "resources/read",
            subject: uri,
            name: common.name,
            run: &entry.resource.run,
            input: &entry.input,
            timeout: common.timeout,
        };
        let arguments = from_strings(entry.input.validator.schema(), variables);
        let (chunks, outcome) = self.run(&job, caller, arguments).await?;
        let begun = |ResourceReply(contents)| {
            let chunks = chunks.map(ResourceContent::text).into_iter();
            ResourceReply(chunks.chain(contents).collect())
        };
        Some(outcome.map(|reply| reply.map(begun)))
    }

    /// `prompts/get`.
    pub(crate) async fn get_prompt(
        &self,
        caller: Caller,
        name: &str,
        arguments: Option<Map<String, Value>>,
    ) -> Answer<GetPromptResult> {
        let registry = self.registry();
        let version = caller.version.clone();
        let Some(entry) = registry.prompt(name) else {
            let unknown = refusal::unknown_prompt(name, &registry);
            return Some(Err(self.absent("prompts/get", unknown)));
        };
        let common = &entry.prompt.common;
        let arguments = texts(&entry.input, arguments.unwrap_or_default());
        let job = Job {
            method: "prompts/get",
            subject: name,
            name,
            run: &entry.prompt.run,
            input: &entry.input,
            timeout: common.timeout,
        };
        let (chunks, outcome) = self.run(&job, caller, arguments).await?;
        Some(match outcome {
            Ok(reply) => Ok(reply.map(|reply| {
                let chunks = chunks.map(PromptMessage::user).into_iter();
                let messages = chunks.chain(reply.0).map(|message| {
                    let mut message = message.into_model();
                    message.content = compat::content(&version, message.content);
                    message
                });
                let mut result = GetPromptResult::new(messages.collect());
                result.description = common.description.map(Into::into);
                result
            })),
            Err(failure) => Err(failure.into_error(&version, ("prompt", name))),
        })
    }

    async fn run<R>(
        &self,
        job: &Job<'_, R>,
        mut caller: Caller,
        mut arguments: Value,
    ) -> Option<Ran<R>> {
        let failed = |failure| Some((None, Err(failure)));
        let Job {
            method,
            subject,
            name,
            run,
            input,
            timeout,
            ..
        } = *job;
        integral_floats(&mut arguments);
        if self.parts().settings.coerce_arguments {
            coerce(input.validator.schema(), &mut arguments);
        }
        if let Err(problems) = input.validator.check(&arguments) {
            return failed(Failure::arguments(name, input, &arguments, &problems));
        }
        let Some(asking) = self.asking(job, &mut caller, &arguments) else {
            return failed(Failure::stale());
        };
        let states = match self.parts().lifespan.states().await {
            Ok(states) => states,
            Err(error) => return failed(Failure::of(name, CallError::internal(error), input)),
        };
        let timeout = timeout.or(self.parts().settings.timeout);
        let span = context::span(method, subject, &caller);
        let context = Context::new(caller, Some(self.clone()), states, timeout, asking);
        let call = Call::new(
            context.clone(),
            Arc::clone(&input.schema),
            object(arguments),
        );
        let ended = drive(run, call, &context).instrument(span.clone()).await;
        span.in_scope(|| {
            let outcome = settle(ended, name, input, |requests| {
                let mut round = context.seal_round(&self.parts().seal, requests)?;
                self.stamp(context.version(), &mut round.meta);
                Ok(round)
            })?;
            Some(match (context.emitted(), outcome) {
                (Ok(chunks), outcome) => (chunks, outcome),
                (Err(error), Ok(_)) => (None, Err(Failure::of(name, error, input))),
                (Err(_), failure) => (None, failure),
            })
        })
    }

    /// How the call asks questions: with the answers and the state that the request brings, or from the start. `None` if the
    /// state is not one that was given out for this request.
    fn asking<R>(
        &self,
        job: &Job<'_, R>,
        caller: &mut Caller,
        arguments: &Value,
    ) -> Option<Asking> {
        if let Some(parent) = caller.parent.take() {
            return Some(Asking::nested(*parent));
        }
        let Resumed { answers, state } = std::mem::take(&mut caller.resumed);
        let rounds = !caller.version.has_initialize();
        if !rounds || (state.is_none() && !caller.client.can_be_asked()) {
            return Some(Asking::default());
        }
        let principal = caller.principal.as_ref();
        let principal = principal.or(self.parts().settings.principal.as_ref());
        let mut about = Fingerprint::default();
        about.text(principal.map_or("nobody", |_| "somebody"));
        about.text(principal.map_or("", Principal::subject));
        about.text(job.method);
        about.text(job.subject);
        about.value(arguments);
        let seal = &self.parts().seal;
        Asking::resume(seal, about.finish(), state.as_deref(), answers)
    }

    /// Refuses a result that breaks the advertised schema, or that is larger than allowed.
    fn check(
        &self,
        entry: &ToolEntry,
        version: &ProtocolVersion,
        result: CallToolResult,
    ) -> Result<CallToolResult, CallError> {
        let settings = &self.parts().settings;
        let limit = settings.max_result_bytes;
        if refusal::size(&result) > limit {
            return Err(refusal::too_large(limit));
        }
        if settings.validate_output
            && let Some(problem) = entry.output.problem(version, &result)
        {
            return Err(CallError::internal(format!(
                "the result breaks the output schema: {problem}"
            )));
        }
        Ok(result)
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

/// Puts what a handler has emitted before everything else.
fn begin(mut result: CallToolResult, chunks: &mut Option<String>) -> CallToolResult {
    if let Some(text) = chunks.take() {
        result.content.insert(0, ContentBlock::text(text));
    }
    result
}

/// Every transport hands over an object, and the schema has checked that it is one.
fn object(arguments: Value) -> Map<String, Value> {
    match arguments {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    }
}

/// Reads arguments that arrive as text; what is not text stays as it is.
fn texts(input: &Input, arguments: Map<String, Value>) -> Value {
    let mut others = Map::new();
    let mut texts = Vec::new();
    for (name, value) in arguments {
        match value {
            Value::String(text) => texts.push((name, text)),
            other => drop(others.insert(name, other)),
        }
    }
    let mut read = object(from_strings(input.validator.schema(), texts));
    read.extend(others);
    read.into()
}
