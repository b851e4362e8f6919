//! One pipeline for every call, whatever transport it came by: find the handler, check the arguments, run it, say how it
//! ended.

use std::{sync::Arc, time::Duration};

use rmcp::model::{
    CallToolResult, ErrorData, GetPromptResult, InputRequiredResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, MetaObject, ProtocolVersion,
    ReadResourceResult,
};
use serde_json::{Map, Value};

use crate::{
    Call, CallError, Service,
    argument::{Variables, coerce, from_strings, integral_floats},
    compat,
    context::{Caller, Origin},
    driver::drive,
    handlers::Run,
    outcome::{Failure, settle, tool_result},
    refusal,
    registry::{Input, Listing, Page, ResourceEntry, ToolEntry},
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
    InputRequired(InputRequiredResult),
}

/// One handler about to run.
struct Job<'a, R> {
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
        let outcome = self
            .run_tool(entry, caller.into(), &version, arguments)
            .await?;
        let mut result = outcome.unwrap_or_else(Failure::into_result);
        self.stamp(&version, &mut result.meta);
        Some(Ok(Reply::Complete(result)))
    }

    /// Runs a tool. Its result has the form that it has in a revision of the protocol.
    pub(crate) async fn run_tool(
        &self,
        entry: &ToolEntry,
        origin: Origin,
        version: &ProtocolVersion,
        arguments: Option<Map<String, Value>>,
    ) -> Option<Result<CallToolResult, Failure>> {
        let name = entry.tool.common.name;
        let job = Job {
            name,
            run: &entry.tool.run,
            input: &entry.input,
            timeout: entry.tool.common.timeout,
        };
        let outcome = self
            .run(&job, origin, arguments.unwrap_or_default().into())
            .await?;
        Some(outcome.and_then(|reply| {
            let result = tool_result(entry, version, reply)
                .and_then(|result| self.check(entry, version, result));
            result.map_err(|error| Failure::of(name, error, &entry.input))
        }))
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
        let outcome = self.run_resource(entry, variables, caller.into()).await?;
        Some(match outcome {
            Ok(reply) => {
                let contents = reply
                    .0
                    .into_iter()
                    .map(|content| content.into_model(uri, entry.resource.mime_type));
                let mut result = ReadResourceResult::new(contents.collect());
                (result.ttl_ms, result.cache_scope) = entry.hints().told(&version);
                self.stamp(&version, &mut result.meta);
                Ok(Reply::Complete(result))
            }
            Err(failure) => Err(failure.into_error(&version, ("uri", uri))),
        })
    }

    /// Runs a resource.
    pub(crate) async fn run_resource(
        &self,
        entry: &ResourceEntry,
        variables: Variables,
        origin: Origin,
    ) -> Option<Result<ResourceReply, Failure>> {
        let common = &entry.resource.common;
        let job = Job {
            name: common.name,
            run: &entry.resource.run,
            input: &entry.input,
            timeout: common.timeout,
        };
        let arguments = from_strings(entry.input.validator.schema(), variables);
        self.run(&job, origin, arguments).await
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
            name,
            run: &entry.prompt.run,
            input: &entry.input,
            timeout: common.timeout,
        };
        let outcome = self.run(&job, caller.into(), arguments).await?;
        Some(match outcome {
            Ok(reply) => {
                let messages = reply.0.into_iter().map(|message| {
                    let mut message = message.into_model();
                    message.content = compat::content(&version, message.content);
                    message
                });
                let mut result = GetPromptResult::new(messages.collect());
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
        origin: Origin,
        mut arguments: Value,
    ) -> Option<Result<R, Failure>> {
        let Job {
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
            return Some(Err(Failure::arguments(name, input, &arguments, &problems)));
        }
        let states = match self.parts().lifespan.states().await {
            Ok(states) => states,
            Err(error) => return Some(Err(Failure::of(name, CallError::internal(error), input))),
        };
        let timeout = timeout.or(self.parts().settings.timeout);
        let context = origin.context(self, states, timeout);
        let call = Call::new(
            context.clone(),
            Arc::clone(&input.schema),
            object(arguments),
        );
        settle(drive(run, call, &context).await, name, input)
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
            return Err(CallError::new(format!(
                "the result is larger than {limit} bytes: ask for less"
            )));
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
                let registry = self.registry();
                let (page, next) = self.page(&registry.$listing, caller, $method, cursor)?;
                let mut result = $result::with_all_items(page.models.to_vec());
                result.next_cursor = next;
                (result.ttl_ms, result.cache_scope) = self.list_hints().told(&caller.version);
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
