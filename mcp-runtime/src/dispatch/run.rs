//! Runs the handler of a call: through the layers around it, with checked arguments, up to what it comes to.

use std::sync::Arc;

use rmcp::model::{CallToolResult, ContentBlock, ProtocolVersion};
use serde_json::{Map, Value};
use tracing::Instrument as _;

use super::{Output, Reply, Target};
use crate::{
    Call, CallError, Context, Principal, PromptMessage, ResourceContent, Service,
    argument::{Variables, coerce, from_strings, integral_floats},
    context::{Asking, Caller, Parent},
    driver::drive,
    fingerprint::Fingerprint,
    guard::Tenants,
    handlers::Run,
    observe::{Subject, Watch},
    outcome::{Failure, settle, tool_result},
    prompt::PromptReply,
    refusal,
    registry::{Input, PromptEntry, ResourceEntry, ToolEntry},
    resource::ResourceReply,
    tool::ToolReply,
};

/// How a handler ended; `None` if the client took the request back.
pub(crate) type Ran<R> = Option<Result<Reply<R>, Failure>>;

/// What is done to the context of a handler that is about to run.
pub(crate) type Begin<'a> = &'a (dyn Fn(Context) -> Context + Send + Sync);

/// The arguments of a handler that is about to run.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) value: Value,
    /// Whether they are in their form and known to be right.
    pub(crate) checked: bool,
}

/// What a handler has emitted, and how it ended.
type Emitted<R> = (Option<String>, Result<Reply<R>, Failure>);

impl Service {
    /// Runs a tool. Its result has the form that it has in a revision of the protocol; what was emitted is a part of it.
    pub(crate) async fn run_tool(
        &self,
        entry: &Arc<ToolEntry>,
        caller: Arc<Caller>,
        version: &ProtocolVersion,
        arguments: Map<String, Value>,
    ) -> Ran<CallToolResult> {
        let target = Target::Tool(Arc::clone(entry), version.clone());
        let outcome = self.through(target, caller, arguments.into()).await?;
        Some(outcome.and_then(|reply| {
            reply.try_map(|output| match output {
                Output::Tool(result) => Ok(result),
                _ => Err(astray(entry.tool.common.name, &entry.input)),
            })
        }))
    }

    /// Runs a resource; what was emitted stands before its contents.
    pub(crate) async fn run_resource(
        &self,
        entry: &Arc<ResourceEntry>,
        uri: &str,
        variables: Variables,
        caller: Arc<Caller>,
    ) -> Ran<Vec<ResourceContent>> {
        let target = Target::Resource(Arc::clone(entry), uri.to_owned());
        let arguments = from_strings(entry.input.validator.schema(), variables);
        let outcome = self.through(target, caller, arguments).await?;
        Some(outcome.and_then(|reply| {
            reply.try_map(|output| match output {
                Output::Resource(contents) => Ok(contents),
                _ => Err(astray(entry.resource.common.name, &entry.input)),
            })
        }))
    }

    /// Runs a prompt; what was emitted stands before its messages.
    pub(crate) async fn run_prompt(
        &self,
        entry: &Arc<PromptEntry>,
        caller: Arc<Caller>,
        arguments: Map<String, Value>,
    ) -> Ran<Vec<PromptMessage>> {
        let target = Target::Prompt(Arc::clone(entry));
        let arguments = texts(&entry.input, arguments);
        let outcome = self.through(target, caller, arguments).await?;
        Some(outcome.and_then(|reply| {
            reply.try_map(|output| match output {
                Output::Prompt(messages) => Ok(messages),
                _ => Err(astray(entry.prompt.common.name, &entry.input)),
            })
        }))
    }

    /// Runs a handler, through the layers around it if there are any.
    async fn through(&self, target: Target, caller: Arc<Caller>, arguments: Value) -> Ran<Output> {
        let subject = Subject::of(&target);
        let mut watch = match &arguments {
            Value::Object(arguments) => Watch::new(self, &subject, &caller, arguments),
            _ => Watch::new(self, &subject, &caller, &Map::new()),
        };
        let (name, span) = (target.common().name, watch.span());
        let run = async {
            let ran = match watch.refusal(name, &caller).await {
                Some(refusal) => Some(Err(refusal)),
                #[cfg(feature = "layer")]
                None if self.is_layered(&target) => {
                    self.run_layered(target, caller, arguments).await
                }
                None => {
                    let arguments = Arguments {
                        value: arguments,
                        checked: false,
                    };
                    let as_it_is = |context| context;
                    self.run_target(&target, caller, arguments, &as_it_is).await
                }
            };
            match watch.end(name, ran.as_ref()).await {
                Some(failure) => Some(Err(failure)),
                None => ran,
            }
        };
        run.instrument(span).await
    }

    /// Runs a handler, without anything around it.
    pub(crate) async fn run_target(
        &self,
        target: &Target,
        caller: Arc<Caller>,
        arguments: Arguments,
        begin: Begin<'_>,
    ) -> Ran<Output> {
        match target {
            Target::Tool(entry, version) => {
                let ran = self
                    .run(target, &entry.tool.run, caller, arguments, begin)
                    .await?;
                let result = self.tool_result(entry, version, ran);
                Some(result.map(|reply| reply.map(Output::Tool)))
            }
            Target::Resource(entry, _) => {
                let run = &entry.resource.run;
                let (chunks, outcome) = self.run(target, run, caller, arguments, begin).await?;
                let whole = |ResourceReply(contents)| {
                    let chunks = chunks.map(ResourceContent::text).into_iter();
                    Output::Resource(chunks.chain(contents).collect())
                };
                Some(outcome.map(|reply| reply.map(whole)))
            }
            Target::Prompt(entry) => {
                let run = &entry.prompt.run;
                let (chunks, outcome) = self.run(target, run, caller, arguments, begin).await?;
                let whole = |PromptReply(messages)| {
                    let chunks = chunks.map(PromptMessage::user).into_iter();
                    Output::Prompt(chunks.chain(messages).collect())
                };
                Some(outcome.map(|reply| reply.map(whole)))
            }
        }
    }

    /// What a tool has answered, in the form of a revision, with what it has emitted before everything else.
    fn tool_result(
        &self,
        entry: &ToolEntry,
        version: &ProtocolVersion,
        (mut chunks, outcome): Emitted<ToolReply>,
    ) -> Result<Reply<CallToolResult>, Failure> {
        let outcome = outcome.and_then(|reply| {
            reply.try_map(|reply| {
                self.whole(entry, version, reply, &mut chunks)
                    .map_err(|error| Failure::of(entry.tool.common.name, error, &entry.input))
            })
        });
        outcome.map_err(|failure| failure.after(chunks))
    }

    fn whole(
        &self,
        entry: &ToolEntry,
        version: &ProtocolVersion,
        reply: ToolReply,
        chunks: &mut Option<String>,
    ) -> Result<CallToolResult, CallError> {
        let mut result = tool_result(entry, version, reply)?;
        if let Some(text) = chunks.take() {
            result.content.insert(0, ContentBlock::text(text));
        }
        self.check(entry, version, &result)?;
        Ok(result)
    }

    /// Runs a handler with checked arguments.
    async fn run<R>(
        &self,
        target: &Target,
        run: &Run<R>,
        caller: Arc<Caller>,
        arguments: Arguments,
        begin: Begin<'_>,
    ) -> Option<Emitted<R>> {
        let failed = |failure| Some((None, Err(failure)));
        let (name, input) = (target.common().name, target.input());
        let Arguments {
            value: mut arguments,
            checked,
        } = arguments;
        if !checked {
            self.normalize(target, &mut arguments);
            if let Err(problems) = input.validator.check(&arguments) {
                return failed(Failure::arguments(name, input, &arguments, &problems));
            }
        }
        let tenants = match self.admit(target, &caller, &arguments) {
            Ok(tenants) => tenants,
            Err(failure) => return failed(failure),
        };
        let Some(asking) = self.asking(target, &caller, &arguments) else {
            return failed(Failure::stale());
        };
        let states = match self.parts().lifespan.states().await {
            Ok(states) => states,
            Err(error) => return failed(Failure::of(name, CallError::internal(error), input)),
        };
        let timeout = target.common().timeout.or(self.parts().settings.timeout);
        let context = Context::new(caller, Some(self.clone()), states, timeout, asking);
        let context = begin(context.about(tenants));
        let schema = Arc::clone(&input.schema);
        let call = Call::new(context.clone(), schema, object(arguments));
        let ended = drive(run, call, &context).await;
        let outcome = settle(ended, name, input, |requests| {
            let mut round = context.seal_round(&self.parts().seal, requests)?;
            self.stamp(context.version(), &mut round.meta);
            Ok(round)
        })?;
        let chunks = context.emitted();
        #[cfg(feature = "cache")]
        if context.has_asked() || !matches!(chunks, Ok(None)) {
            context.note_personal();
        }
        Some(match (chunks, outcome) {
            (Ok(chunks), outcome) => (chunks, outcome),
            (Err(error), Ok(_)) => (None, Err(Failure::of(name, error, input))),
            (Err(_), failure) => (None, failure),
        })
    }

    /// Brings arguments into the form in which they are checked.
    pub(crate) fn normalize(&self, target: &Target, arguments: &mut Value) {
        integral_floats(arguments);
        if self.parts().settings.coerce_arguments {
            coerce(target.input().validator.schema(), arguments);
        }
    }

    /// What a call with these arguments, which have been checked, is about as a whole. One that its caller may not make is
    /// refused, as if there were no such handler.
    pub(crate) fn admit(
        &self,
        target: &Target,
        caller: &Caller,
        arguments: &Value,
    ) -> Result<Tenants, Failure> {
        let common = target.common();
        let is_open = self.parts().rules.is_empty() && common.rules.is_empty();
        let Some(arguments) = arguments.as_object() else {
            return Ok(Tenants::default());
        };
        if !is_open {
            let registry = self.registry();
            let view = self.view(&registry, caller);
            if !view.permits(target, arguments) {
                return Err(Failure::absent(view.unknown(target, &caller.version)));
            }
        }
        let tenants = self.tenants(target, caller, arguments);
        tenants.map_err(|error| Failure::of(common.name, error, target.input()))
    }

    /// How the call asks questions: with the answers and the state that the request brings, or from the start. `None` if the
    /// state is not one that was given out for this request.
    fn asking(&self, target: &Target, caller: &Caller, arguments: &Value) -> Option<Asking> {
        if let Some(parent) = &caller.parent {
            return Some(Asking::nested(Parent::clone(parent)));
        }
        let resumed = &caller.resumed;
        let rounds = !caller.version.has_initialize();
        if !rounds || (resumed.state.is_none() && !caller.client.can_be_asked()) {
            return Some(Asking::default());
        }
        let principal = self.principal(caller).map(Principal::identity);
        let mut about = Fingerprint::default();
        about.text(principal.as_ref().map_or("nobody", |_| "somebody"));
        about.text(principal.as_deref().unwrap_or_default());
        about.text(target.method());
        about.text(target.subject());
        about.value(arguments);
        let answers = resumed.answers.clone();
        let seal = &self.parts().seal;
        Asking::resume(seal, about.finish(), resumed.state.as_deref(), answers)
    }

    /// Refuses a result that breaks the advertised schema, or that is larger than allowed.
    fn check(
        &self,
        entry: &ToolEntry,
        version: &ProtocolVersion,
        result: &CallToolResult,
    ) -> Result<(), CallError> {
        let settings = &self.parts().settings;
        let limit = settings.max_result_bytes;
        if refusal::size(result) > limit {
            return Err(refusal::too_large(limit));
        }
        if (settings.validate_output || entry.output.is_suspect(result))
            && let Some(problem) = entry.output.problem(version, result)
        {
            return Err(CallError::internal(format!(
                "the result breaks the output schema: {problem}"
            )));
        }
        Ok(())
    }
}

/// The failure of a call that a layer has answered with what another call came to.
fn astray(name: &str, input: &Input) -> Failure {
    let error = CallError::internal("a layer answered with the result of another kind of handler");
    Failure::of(name, error, input)
}

/// Every transport hands over an object, and the schema has checked that it is one.
pub(super) fn object(arguments: Value) -> Map<String, Value> {
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
