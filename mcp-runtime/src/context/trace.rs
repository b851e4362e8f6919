//! Where a call belongs in a distributed trace: what the client says about it, and the span of the call.

use std::fmt;

use tracing::{Span, field};

use super::{Caller, Context, Sink};
use crate::{
    Kind,
    observe::{End, Subject, beginning},
};

/// The keys of `_meta` in which a client names its trace.
const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const BAGGAGE: &str = "baggage";

/// The most that is read of `tracestate` and `baggage`, in entries and bytes: what W3C asks of everybody to pass on.
const MAX_STATE: (usize, usize) = (32, 512);
const MAX_BAGGAGE: (usize, usize) = (64, 8192);

/// The most that a span tells of a name or a URI, in bytes.
const MAX_SHOWN: usize = 2048;

/// Where a call belongs in the distributed trace of its client, in the form of W3C Trace Context: to hand on to the services
/// that the handler calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    pub(super) traceparent: String,
    pub(super) tracestate: Option<String>,
    pub(super) baggage: Option<String>,
}

impl Context {
    /// Where the call belongs in the trace of the client, if the client says so, and in the form of W3C.
    ///
    /// ```
    /// use mcp_runtime::{Context, tool};
    ///
    /// /// Names the trace of the call.
    /// #[tool]
    /// fn trace(ctx: Context) -> Option<String> {
    ///     Some(ctx.trace_context()?.trace_id().to_owned())
    /// }
    /// ```
    #[must_use]
    pub fn trace_context(&self) -> Option<TraceContext> {
        TraceContext::of(&self.0.caller)
    }
}

impl TraceContext {
    /// What the request says, or the HTTP request that it came by.
    fn of(caller: &Caller) -> Option<Self> {
        let of_request = Self::read(|key| caller.meta.get(key)?.as_str());
        #[cfg(feature = "http")]
        let of_request = of_request.or_else(|| {
            let parts: &http::request::Parts = caller.extension()?;
            Self::read(|key| parts.headers.get(key)?.to_str().ok())
        });
        of_request
    }

    fn read<'a>(text: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let list = |key, limits| {
            let list = text(key).filter(|list| is_list(list, limits));
            list.map(ToOwned::to_owned)
        };
        Some(Self {
            traceparent: text(TRACEPARENT).filter(|id| is_parent(id))?.to_owned(),
            tracestate: list(TRACESTATE, MAX_STATE),
            baggage: list(BAGGAGE, MAX_BAGGAGE),
        })
    }

    /// The header `traceparent`.
    #[must_use]
    pub fn traceparent(&self) -> &str {
        &self.traceparent
    }

    /// The header `tracestate`, if there is one.
    #[must_use]
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// The header `baggage`, if there is one. Anybody can have written it: it is nothing to decide by.
    #[must_use]
    pub fn baggage(&self) -> Option<&str> {
        self.baggage.as_deref()
    }

    /// The id of the trace: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        self.part(3, 32)
    }

    /// The id of the span that the call was made in: 16 hexadecimal digits.
    #[must_use]
    pub fn parent_id(&self) -> &str {
        self.part(36, 16)
    }

    /// Whether the client records the trace.
    #[must_use]
    pub fn sampled(&self) -> bool {
        let flags = u8::from_str_radix(self.part(53, 2), 16);
        flags.is_ok_and(|flags| flags & 1 == 1)
    }

    fn part(&self, at: usize, length: usize) -> &str {
        // It was read, so that it has its form.
        self.traceparent.get(at..at + length).unwrap_or_default()
    }
}

/// Whether it is a `traceparent`: version, trace, parent and flags; more of them only in a later version.
fn is_parent(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |length| {
        let part = parts.next()?;
        let digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (part.len() == length && part.bytes().all(digit)).then_some(part)
    };
    let is_id = |id: &str| id.bytes().any(|digit| digit != b'0');
    let (Some(version), Some(trace), Some(parent), Some(_)) =
        (part(2), part(32), part(16), part(2))
    else {
        return false;
    };
    let ends = text.len() == 55 || (version != "00" && text.len() < 512);
    version != "ff" && is_id(trace) && is_id(parent) && ends && text.is_ascii()
}

/// Whether it is a list of `key=value` within the limits.
fn is_list(text: &str, (entries, bytes): (usize, usize)) -> bool {
    let is_entry = |entry: &str| {
        let entry = entry.trim_matches([' ', '\t']);
        let key = entry.split_once('=').map(|(key, _)| key.trim_end());
        entry.is_empty() || key.is_some_and(|key| !key.is_empty() && !key.contains(' '))
    };
    let visible = |byte| matches!(byte, b'\t' | b' '..=b'~');
    text.len() <= bytes
        && !text.trim().is_empty()
        && text.bytes().all(visible)
        && text.split(',').count() <= entries
        && text.split(',').all(is_entry)
}

/// The id of the trace that the client names.
#[cfg(feature = "audit")]
pub(crate) fn trace_id(caller: &Caller) -> Option<String> {
    Some(TraceContext::of(caller)?.trace_id().to_owned())
}

/// The span of a call, which costs nothing if nobody listens. If this is dropped, the call was taken back.
#[derive(Debug)]
pub(crate) struct CallSpan {
    span: Span,
    kind: Kind,
    ended: bool,
}

impl CallSpan {
    pub(crate) fn new(subject: &Subject<'_>, caller: &Caller) -> Self {
        let span = span(subject, caller);
        Self {
            ended: span.is_disabled(),
            span,
            kind: subject.kind,
        }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// The call has ended.
    pub(crate) fn end(mut self, end: &End<'_>) {
        self.record(end);
    }

    fn record(&mut self, end: &End<'_>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.span.record("mcp.outcome", end.name());
        if let End::Failed { kind, .. } = end {
            // The conventions have a word for what a tool says itself.
            let said = self.kind == Kind::Tool && *kind == "failed";
            let kind = if said { "tool_error" } else { kind };
            self.span.record("error.type", kind);
            if cfg!(feature = "otel") {
                self.span.record("otel.status_code", "ERROR");
            }
        }
    }
}

impl Drop for CallSpan {
    fn drop(&mut self) {
        self.record(&End::Cancelled);
    }
}

fn span(subject: &Subject<'_>, caller: &Caller) -> Span {
    let asked = beginning(subject.asked, MAX_SHOWN);
    let name = SpanName(subject);
    let of = |kind| (subject.kind == kind).then_some(asked);
    let span = tracing::info_span!(
        "mcp.call",
        mcp.method.name = subject.method(),
        gen_ai.operation.name = of(Kind::Tool).map(|_| "execute_tool"),
        gen_ai.tool.name = of(Kind::Tool),
        gen_ai.prompt.name = of(Kind::Prompt),
        mcp.resource.uri = of(Kind::Resource),
        jsonrpc.request.id = %caller.id,
        mcp.protocol.version = caller.version.as_str(),
        network.transport = matches!(caller.sink, Sink::Outbox(_)).then_some("pipe"),
        network.protocol.name = is_http(caller).then_some("http"),
        mcp.scope = field::Empty,
        trace_id = field::Empty,
        parent_span_id = field::Empty,
        mcp.outcome = field::Empty,
        error.type = field::Empty,
        otel.kind = cfg!(feature = "otel").then_some("server"),
        otel.name = cfg!(feature = "otel").then(|| field::display(name)),
        otel.status_code = field::Empty,
    );
    if span.is_disabled() {
        return span;
    }
    if let Some(trace) = TraceContext::of(caller) {
        span.record("trace_id", trace.trace_id());
        span.record("parent_span_id", trace.parent_id());
        #[cfg(feature = "otel")]
        super::otel::adopt(&span, &trace);
    }
    span
}

/// The name of a span that OpenTelemetry gets.
struct SpanName<'a>(&'a Subject<'a>);

impl fmt::Display for SpanName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.method())?;
        match self.0.name {
            Some(name) if self.0.kind != Kind::Resource => write!(f, " {name}"),
            _ => Ok(()),
        }
    }
}

/// Whether the request came by HTTP.
fn is_http(caller: &Caller) -> bool {
    #[cfg(feature = "http")]
    return caller.extension::<http::request::Parts>().is_some();
    #[cfg(not(feature = "http"))]
    return {
        let _ = caller;
        false
    };
}

#[cfg(test)]
mod tests {
    use rmcp::model::RequestMetaObject;
    use serde_json::{Value, json};

    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

    fn read(entries: &[(&str, Value)]) -> Option<TraceContext> {
        let mut meta = RequestMetaObject::default();
        for (key, value) in entries {
            meta.insert((*key).to_owned(), value.clone());
        }
        TraceContext::read(|key| meta.get(key)?.as_str())
    }

    #[test]
    fn a_traceparent_has_an_id_a_parent_and_flags() {
        let trace = read(&[("traceparent", json!(PARENT))]).unwrap();
        assert_eq!(trace.traceparent(), PARENT);
        assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(trace.parent_id(), "00f067aa0ba902b7");
        assert!(trace.sampled());
        assert_eq!((trace.tracestate(), trace.baggage()), (None, None));
        let unsampled = PARENT.replace("-01", "-fe");
        assert!(
            !read(&[("traceparent", json!(unsampled))])
                .unwrap()
                .sampled()
        );
    }

    #[test]
    fn what_has_not_the_form_of_w3c_is_ignored() {
        for wrong in [
            json!(null),
            json!(7),
            json!([PARENT]),
            json!(""),
            json!("00"),
            json!(PARENT.to_uppercase()),
            json!(format!("{PARENT}-extra")),
            json!(format!(" {PARENT}")),
            json!(PARENT.replace("00-0af", "ff-0af")),
            json!(PARENT.replace("-01", "-1")),
            json!(PARENT.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32))),
            json!(PARENT.replace("00f067aa0ba902b7", &"0".repeat(16))),
            json!(PARENT.replace("0af", "0ag")),
            json!(PARENT.replace('-', "_")),
            json!(format!("01{}-{}", &PARENT[2..], "x".repeat(1 << 20))),
            json!(format!("01{}-é", &PARENT[2..])),
        ] {
            assert_eq!(read(&[("traceparent", wrong.clone())]), None, "{wrong}");
        }
        assert_eq!(read(&[("tracestate", json!("a=1"))]), None);
    }

    #[test]
    fn a_later_version_may_hold_more() {
        let later = format!("01{}-more", &PARENT[2..]);
        let trace = read(&[("traceparent", json!(later))]).unwrap();
        assert_eq!(trace.parent_id(), "00f067aa0ba902b7");
    }

    #[test]
    fn state_and_baggage_are_lists_within_limits() {
        let with = |key, value: &str| {
            let trace = read(&[("traceparent", json!(PARENT)), (key, json!(value))]).unwrap();
            let list = if key == "baggage" {
                trace.baggage()
            } else {
                trace.tracestate()
            };
            list.map(ToOwned::to_owned)
        };
        for right in ["a=1", "vendor@x=1, b=2,", "user=al%20ice;p=1"] {
            assert_eq!(with("tracestate", right).as_deref(), Some(right));
            assert_eq!(with("baggage", right).as_deref(), Some(right));
        }
        let long = format!("a={}", "x".repeat(10_000));
        let many = vec!["a=1"; 100].join(",");
        for wrong in [
            "",
            " ",
            "a",
            "=1",
            "a b=1",
            "a=1\r\nX: y",
            "a=é",
            &long,
            &many,
        ] {
            assert_eq!(with("tracestate", wrong), None, "{wrong}");
            assert_eq!(with("baggage", wrong), None, "{wrong}");
        }
    }
}
