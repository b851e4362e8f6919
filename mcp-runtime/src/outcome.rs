//! What a client is told about how a call ended.

use std::any::Any;

use rmcp::model::{
    CallToolResult, ContentBlock, ErrorCode, ErrorData, MetaObject, ProtocolVersion,
};
use serde_json::{Map, Value, json};

use crate::{
    AskError, CallError,
    argument::{PATH, Problem, invalid_arguments},
    compat,
    context::Round,
    dispatch::Reply,
    driver::{self, Ended, Requests},
    error::{Kind, Retry},
    protect,
    reference::reference,
    refusal,
    registry::{Input, Shape, ToolEntry},
    tool::{Inner, ToolReply},
};

/// The key in `_meta` under which a failure stands for programs.
pub(crate) const ERROR: &str = "mcp-runtime/error";

/// How a call has failed, as a client is told it: a text for the model and a value for programs.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "layer"),
    expect(unreachable_pub, reason = "only layers see it")
)]
pub struct Failure {
    pub(crate) text: String,
    pub(crate) value: Box<Value>,
    class: Class,
    /// What the handler had emitted before.
    emitted: Option<String>,
}

/// Which protocol error a failure is, where failures are protocol errors.
#[derive(Clone, Debug)]
enum Class {
    /// The one of a handler that does not exist.
    Absent(Box<ErrorData>),
    NotFound,
    InvalidParams,
    Internal,
    /// The client lacks this capability.
    Unavailable(&'static str),
    /// The sealed state of the request is not for it.
    Stale,
}

impl Failure {
    fn new(class: Class, text: String, value: Value) -> Self {
        Self {
            text,
            value: Box::new(value),
            class,
            emitted: None,
        }
    }

    /// The failure of a handler that has emitted something before.
    pub(crate) fn after(mut self, emitted: Option<String>) -> Self {
        self.emitted = emitted;
        self
    }

    /// Arguments that do not fit the schema.
    pub(crate) fn arguments(
        name: &str,
        input: &Input,
        arguments: &Value,
        problems: &[Problem],
    ) -> Self {
        let (text, value) = invalid_arguments(name, &input.validator, arguments, problems);
        Self::new(Class::InvalidParams, text, value)
    }

    /// The failure of the handler `name`. Internal errors are masked: the log has them under the same reference.
    pub(crate) fn of(name: &str, error: CallError, input: &Input) -> Self {
        match error.into_kind() {
            Kind::Public {
                message,
                data,
                retry,
            } => Self::public(message.into_owned(), data, retry),
            Kind::Internal(error) => {
                if let Some(error) = AskError::behind(&*error) {
                    return Self::unanswered(error);
                }
                if let Some(told) = protect::told(&*error) {
                    return Self::of(name, told, input);
                }
                let reference = reference();
                tracing::error!(handler = name, reference, error = %chain(&*error), "a handler failed");
                Self::masked(name, &reference)
            }
            Kind::NotFound { message } => {
                let text =
                    message.map_or_else(|| "not found".to_owned(), std::borrow::Cow::into_owned);
                let value = json!({ "kind": "not_found", "retryable": false });
                Self::new(Class::NotFound, text, value)
            }
            Kind::InvalidArguments(problems) => {
                Self::arguments(name, input, &Value::Null, &problems)
            }
            Kind::TimedOut(limit) => {
                let text = format!("`{name}` gave no answer within {limit:?} and was ended.");
                let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
                let value = json!({ "kind": "timed_out", "retryable": true, "limitMs": limit });
                Self::new(Class::Internal, text, value)
            }
            #[cfg(feature = "layer")]
            Kind::Busy {
                kind,
                message,
                after,
            } => Self::busy(kind, message, after),
        }
    }

    /// A request with a sealed state that is not for it.
    pub(crate) fn stale() -> Self {
        let value = json!({ "kind": "stale", "retryable": false });
        Self::new(Class::Stale, String::new(), value)
    }

    /// The failure of a call of a handler that does not exist for the caller.
    pub(crate) fn absent(error: ErrorData) -> Self {
        let value = json!({ "kind": "unknown", "retryable": false });
        let text = error.message.clone().into_owned();
        Self::new(Class::Absent(error.into()), text, value)
    }

    /// The failure of the handler `name` that went over a limit of questions.
    fn endless(name: &str, problem: &str) -> Self {
        tracing::error!(handler = name, problem, "a handler asks too much");
        Self::public(format!("`{name}` was ended: {problem}."), None, None)
    }

    /// A question that has no answer.
    fn unanswered(error: &AskError) -> Self {
        let (kind, retryable) = error.kind();
        let class = match error {
            AskError::Unavailable { capability } => Class::Unavailable(capability),
            _ => Class::Internal,
        };
        let value = json!({ "kind": kind, "retryable": retryable });
        Self::new(class, error.to_string(), value)
    }

    /// The failure of a handler that panicked.
    pub(crate) fn panic(name: &str, message: &str) -> Self {
        let reference = reference();
        tracing::error!(
            handler = name,
            reference,
            panic = message,
            "a handler panicked"
        );
        Self::masked(name, &reference)
    }

    fn public(text: String, data: Option<Value>, retry: Option<Retry>) -> Self {
        let mut value = Map::new();
        value.insert("kind".into(), "failed".into());
        value.insert("retryable".into(), retry.is_some().into());
        value.extend(
            retry
                .and_then(|retry| retry.after)
                .map(|after| ("retryAfterMs".into(), after.into())),
        );
        value.extend(data.map(|data| ("data".into(), data)));
        Self::new(Class::Internal, text, value.into())
    }

    /// The failure of a call that was not tried.
    #[cfg(feature = "layer")]
    fn busy(kind: &str, text: String, after: Option<std::time::Duration>) -> Self {
        let mut value = json!({ "kind": kind, "retryable": true });
        if let Some(after) = after {
            let milliseconds = after.as_nanos().div_ceil(1_000_000);
            value["retryAfterMs"] = u64::try_from(milliseconds).unwrap_or(u64::MAX).into();
            value["retry_after"] = after.as_secs_f64().into();
        }
        Self::new(Class::Internal, text, value)
    }

    /// A failure that is told as it is.
    #[cfg(any(feature = "audit", feature = "layer"))]
    pub(crate) fn told(text: String, value: Value) -> Self {
        Self::new(Class::Internal, text, value)
    }

    fn masked(name: &str, reference: &str) -> Self {
        let text = format!(
            "`{name}` failed (internal error, reference {reference}). It is not caused by your arguments."
        );
        let value = json!({ "kind": "internal", "retryable": false, "reference": reference });
        Self::new(Class::Internal, text, value)
    }

    /// The failure as the result of a tool, which the model reads; as an error of the protocol if it is one.
    pub(crate) fn into_result(
        self,
        version: &ProtocolVersion,
    ) -> Result<CallToolResult, ErrorData> {
        match self.class {
            Class::Absent(error) => return Err(*error),
            Class::Stale => return Err(refusal::state()),
            Class::Unavailable(capability) if !version.has_initialize() => {
                return Err(lacking(self.text, capability));
            }
            _ => {}
        }
        let texts = self.emitted.into_iter().chain([self.text]);
        let mut result = CallToolResult::error(texts.map(ContentBlock::text).collect());
        let mut meta = Map::new();
        meta.insert(ERROR.into(), *self.value);
        result.meta = Some(MetaObject(meta));
        Ok(result)
    }

    /// The failure of a call that another handler made, for the resource at `uri` if it was one: it has been told in the log
    /// already.
    pub(crate) fn into_call_error(self, uri: Option<&str>) -> CallError {
        match self.class {
            Class::NotFound => CallError::not_found_saying(uri.map_or(self.text, absent)),
            Class::Absent(_) if uri.is_some() => CallError::not_found_saying(self.text),
            Class::Unavailable(capability) => AskError::Unavailable { capability }.into(),
            Class::Absent(_) | Class::InvalidParams | Class::Internal | Class::Stale => {
                CallError::new(self.text)
            }
        }
    }

    /// The failure as an error of the protocol, for what has no other way to fail; `subject` is what was asked for.
    pub(crate) fn into_error(self, version: &ProtocolVersion, subject: (&str, &str)) -> ErrorData {
        let (kind, name) = subject;
        let data = json!({ kind: name, "error": self.value });
        match self.class {
            Class::Absent(error) => *error,
            Class::NotFound | Class::InvalidParams if kind == "uri" && self.is_absence() => {
                compat::resource_not_found(version, absent(name), data)
            }
            Class::NotFound | Class::InvalidParams => {
                ErrorData::invalid_params(self.text, Some(data))
            }
            Class::Stale => refusal::state(),
            Class::Unavailable(capability) if !version.has_initialize() => {
                lacking(self.text, capability)
            }
            Class::Internal | Class::Unavailable(_) => {
                ErrorData::internal_error(self.text, Some(data))
            }
        }
    }

    /// Whether it says that a resource does not exist: also a path that no file can have is that of none.
    fn is_absence(&self) -> bool {
        let problems = self.value.get("problems").and_then(Value::as_array);
        let of_path = |problem: &Value| problem["code"] == PATH;
        matches!(self.class, Class::NotFound)
            || problems.is_some_and(|problems| problems.iter().all(of_path))
    }
}

/// What is said of a resource that is not there.
fn absent(uri: &str) -> String {
    format!("no resource at `{uri}`")
}

/// The error for a client that lacks a capability.
fn lacking(text: String, capability: &str) -> ErrorData {
    let data = json!({ "requiredCapabilities": AskError::required(capability) });
    ErrorData::new(
        ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
        text,
        Some(data),
    )
}

/// The result of a tool that answered.
pub(crate) fn tool_result(
    entry: &ToolEntry,
    version: &ProtocolVersion,
    reply: ToolReply,
) -> Result<CallToolResult, CallError> {
    let mut result = match reply.0 {
        Inner::Raw(result) => *result,
        Inner::Contents(contents) => CallToolResult::success(contents.into_model()),
        Inner::Json(value) => match (entry.output.shape, value) {
            (Shape::Text, Value::String(text)) => {
                CallToolResult::success(vec![ContentBlock::text(text)])
            }
            (Shape::Nothing, _) => CallToolResult::success(Vec::new()),
            (shape, value) => {
                let text = serde_json::to_string(&value)?;
                let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
                result.structured_content = Some(compat::structured(version, value, shape));
                result
            }
        },
    };
    compat::tool_result(version, &mut result);
    Ok(result)
}

/// What a call has come to, or the failure to tell the client; `None` if nobody waits for either. A round of questions is
/// sealed by `seal`.
pub(crate) fn settle<R>(
    ended: Ended<R>,
    name: &str,
    input: &Input,
    seal: impl FnOnce(Requests) -> Result<Round, String>,
) -> Option<Result<Reply<R>, Failure>> {
    Some(match ended {
        Ended::Answered(Ok(reply)) => Ok(Reply::Complete(reply)),
        Ended::Asks(requests) => match seal(requests) {
            Ok(round) => Ok(Reply::InputRequired(round)),
            Err(problem) => Err(Failure::endless(name, &problem)),
        },
        Ended::Answered(Err(error)) => Err(Failure::of(name, error, input)),
        Ended::Panicked(message) => Err(Failure::panic(name, &message)),
        Ended::Cancelled => return None,
    })
}

/// The error of a request that panicked outside of its handler.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> ErrorData {
    let reference = reference();
    let panic = driver::message(panic);
    tracing::error!(reference, panic, "a request panicked");
    let text = format!("internal error, reference {reference}");
    ErrorData::internal_error(text, None)
}

/// An error and what caused it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
