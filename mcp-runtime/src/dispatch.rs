//! One pipeline for every call, whatever transport it came by: find the handler, check the arguments, run it, say how it
//! ended.

use std::{sync::Arc, time::Duration};

use rmcp::model::{
    CallToolResult, ContentBlock, ErrorData, GetPromptResult, InputRequiredResult,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    MetaObject, ProtocolVersion, ReadResourceResult,
};
use serde_json::{Map, Value};
use tracing::Instrument;

use crate::{
    Call, CallError, Context, PromptMessage, ResourceContent, Service,
    argument::{coerce, from_strings, integral_floats},
    compat,
    context::{self, Caller},
    driver::drive,
    handlers::Run,
    outcome::{Failure, settle, tool_result},
    refusal,
    registry::{Input, Listing, Page, ToolEntry},
};

/// An answer, or `None` if the client took the request back: then nothing more is sent.
pub(crate) type Answer<R> = Option<Result<Reply<R>, ErrorData>>;

/// What a call comes to.
#[derive(Debug)]
pub(crate) enum Reply<R> {
    /// The result.
    Complete(R),
    /// Questions that the client has to answer first.
    InputRequired(InputRequiredResult),
}

/// What a handler has emitted, and how it ended.
type Ran<R> = (Option<String>, Result<R, Failure>);

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
        let registry = &self.parts().registry;
        let Some(entry) = registry.tool(name) else {
            return Some(Err(refusal::unknown_tool(name, registry)));
        };
        let version = caller.version.clone();
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
            let result = tool_result(entry, &version, reply)
                .map(|result| begin(result, &mut chunks))
                .and_then(|result| self.check(entry, &version, result));
            result.map_err(|error| Failure::of(name, error, &entry.input))
        });
        let mut result =
            outcome.unwrap_or_else(|failure| begin(failure.into_result(), &mut chunks));
        self.stamp(&version, &mut result.meta);
        Some(Ok(Reply::Complete(result)))
    }

    /// `resources/read`.
    pub(crate) async fn read_resource(
        &self,
        caller: Caller,
        uri: &str,
    ) -> Answer<ReadResourceResult> {
        let registry = &self.parts().registry;
        let version = caller.version.clone();
        let Some((entry, variables)) = registry.resource(uri) else {
            return Some(Err(refusal::unknown_resource(uri, registry, &version)));
        };
        let common = &entry.resource.common;
        let arguments = from_strings(entry.input.validator.schema(), variables);
        let job = Job {
            method: "resources/read",
            subject: uri,
            name: common.name,
            run: &entry.resource.run,
            input: &entry.input,
            timeout: common.timeout,
        };
        let (chunks, outcome) = self.run(&job, caller, arguments).await?;
        Some(match outcome {
            Ok(reply) => {
                let chunks = chunks.map(ResourceContent::text);
                let contents = chunks
                    .into_iter()
                    .chain(reply.0)
                    .map(|content| content.into_model(uri, entry.resource.mime_type));
                let mut result = ReadResourceResult::new(contents.collect());
                self.stamp(&version, &mut result.meta);
                Ok(Reply::Complete(result))
            }
            Err(failure) => Err(failure.into_error(&version, ("uri", uri))),
        })
    }

    /// `prompts/get`.
    pub(crate) async fn get_prompt(
        &self,
        caller: Caller,
        name: &str,
        arguments: Option<Map<String, Value>>,
    ) -> Answer<GetPromptResult> {
        let registry = &self.parts().registry;
        let version = caller.version.clone();
        let Some(entry) = registry.prompt(name) else {
            return Some(Err(refusal::unknown_prompt(name, registry)));
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
            Ok(reply) => {
                let chunks = chunks.map(PromptMessage::user);
                let messages = chunks
                    .into_iter()
                    .chain(reply.0)
                    .map(PromptMessage::into_model)
                    .collect();
                let mut result = GetPromptResult::new(messages);
                result.description = common.description.map(Into::into);
                self.stamp(&version, &mut result.meta);
                Ok(Reply::Complete(result))
            }
            Err(failure) => Err(failure.into_error(&version, ("prompt", name))),
        })
    }

    async fn run<R>(
        &self,
        job: &Job<'_, R>,
        caller: Caller,
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
        } = *job;
        integral_floats(&mut arguments);
        if self.parts().settings.coerce_arguments {
            coerce(input.validator.schema(), &mut arguments);
        }
        if let Err(problems) = input.validator.check(&arguments) {
            return failed(Failure::arguments(name, input, &arguments, &problems));
        }
        let states = match self.parts().lifespan.states().await {
            Ok(states) => states,
            Err(error) => return failed(Failure::of(name, CallError::internal(error), input)),
        };
        let timeout = timeout.or(self.parts().settings.timeout);
        let span = context::span(method, subject, &caller);
        let context = Context::new(caller, Some(self.clone()), states, timeout);
        let call = Call::new(
            context.clone(),
            Arc::clone(&input.schema),
            object(arguments),
        );
        let ended = drive(run, call, &context).instrument(span.clone()).await;
        span.in_scope(|| {
            let outcome = settle(ended, name, input)?;
            Some(match (context.emitted(), outcome) {
                (Ok(chunks), outcome) => (chunks, outcome),
                (Err(error), Ok(_)) => (None, Err(Failure::of(name, error, input))),
                (Err(_), failure) => (None, failure),
            })
        })
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

    /// The page of a list that `cursor` stands for, and the cursor of the next one.
    pub(crate) fn page<'a, T: serde::Serialize>(
        &self,
        listing: &'a Listing<T>,
        caller: &Caller,
        method: &str,
        cursor: Option<&str>,
    ) -> Result<(Page<'a, T>, Option<String>), ErrorData> {
        let start = match cursor {
            None => 0,
            Some(cursor) => self
                .parts()
                .cursors
                .open(method, cursor)
                .ok_or_else(|| refusal::cursor(method))?,
        };
        if !self.serves(method) {
            return Err(refusal::method(method));
        }
        let page = listing.page(&caller.version, start, self.parts().settings.page_size);
        let next = page
            .next
            .map(|next| self.parts().cursors.seal(method, next));
        Ok((page, next))
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

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident, $method:literal, $listing:ident => $result:ident;)+) => {
        impl Service { $(
            $(#[$doc])*
            pub(crate) fn $name(&self, caller: &Caller, cursor: Option<&str>) -> Result<$result, ErrorData> {
                let (page, next) = self.page(&self.parts().registry.$listing, caller, $method, cursor)?;
                let mut result = $result::with_all_items(page.models.to_vec());
                result.next_cursor = next;
                self.stamp(&caller.version, &mut result.meta);
                Ok(result)
            }
        )+ }
    };
}

lists! {
    /// `tools/list`.
    list_tools, "tools/list", tool_list => ListToolsResult;
    /// `resources/list`.
    list_resources, "resources/list", resource_list => ListResourcesResult;
    /// `resources/templates/list`.
    list_resource_templates, "resources/templates/list", template_list => ListResourceTemplatesResult;
    /// `prompts/list`.
    list_prompts, "prompts/list", prompt_list => ListPromptsResult;
}
