//! The span of a call as a part of a trace of OpenTelemetry.

use opentelemetry::{
    Context,
    baggage::{BaggageExt, KeyValueMetadata},
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId},
};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::TraceContext;

impl TraceContext {
    /// Where the span that is current belongs, to hand on to a service that is called now: what that service does is a child of
    /// the span then. `None` if nothing gives spans to OpenTelemetry.
    ///
    /// ```
    /// use mcp_runtime::{TraceContext, tool};
    ///
    /// /// Looks something up elsewhere.
    /// #[tool]
    /// async fn look_up(word: String) -> String {
    ///     let mut headers = Vec::new();
    ///     if let Some(trace) = TraceContext::current() {
    ///         headers.push(("traceparent", trace.traceparent().to_owned()));
    ///         headers.extend(trace.tracestate().map(|state| ("tracestate", state.to_owned())));
    ///         headers.extend(trace.baggage().map(|baggage| ("baggage", baggage.to_owned())));
    ///     }
    ///     // … and ask the other service, with these headers.
    ///     format!("{word}: {} headers", headers.len())
    /// }
    /// ```
    #[must_use]
    pub fn current() -> Option<Self> {
        let context = Span::current().context();
        let span = context.span();
        let span = span.span_context();
        let (trace, parent, flags) = (span.trace_id(), span.span_id(), span.trace_flags());
        let some = |list: String| Some(list).filter(|list| !list.is_empty());
        span.is_valid().then(|| Self {
            traceparent: format!("00-{trace}-{parent}-{flags:02x}"),
            tracestate: some(span.trace_state().header()),
            baggage: some(written(&context)),
        })
    }
}

/// Makes a span that has not begun yet a part of the trace of the client.
pub(super) fn adopt(span: &Span, trace: &TraceContext) {
    // It fails if nothing gives spans to OpenTelemetry.
    let _ = span.set_parent(parent(trace));
}

fn parent(trace: &TraceContext) -> Context {
    let ids = (
        TraceId::from_hex(trace.trace_id()),
        SpanId::from_hex(trace.parent_id()),
    );
    let (Ok(trace_id), Ok(span_id)) = ids else {
        return Context::new();
    };
    let state = trace.tracestate().and_then(|state| state.parse().ok());
    let flags = TraceFlags::default().with_sampled(trace.sampled());
    let span = SpanContext::new(trace_id, span_id, flags, true, state.unwrap_or_default());
    let context = Context::new().with_remote_span_context(span);
    match trace.baggage() {
        Some(baggage) => context.with_baggage(baggage.split(',').filter_map(entry)),
        None => context,
    }
}

/// An entry of `baggage`: `key=value;properties`, the value percent-encoded.
fn entry(text: &str) -> Option<KeyValueMetadata> {
    let (pair, properties) = text.split_once(';').unwrap_or((text, ""));
    let (key, value) = pair.split_once('=')?;
    let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
    let key = key.trim().to_owned();
    Some(KeyValueMetadata::new(
        key,
        value.into_owned(),
        properties.trim(),
    ))
}

fn written(context: &Context) -> String {
    let entry = |(key, (value, properties)): (&opentelemetry::Key, &(_, _))| {
        let value: &opentelemetry::StringValue = value;
        let properties: &opentelemetry::baggage::BaggageMetadata = properties;
        let value = utf8_percent_encode(value.as_str(), NON_ALPHANUMERIC);
        match properties.as_str() {
            "" => format!("{key}={value}"),
            properties => format!("{key}={value};{properties}"),
        }
    };
    let entries: Vec<_> = context.baggage().iter().map(entry).collect();
    entries.join(",")
}
