//! Spans of calls in the traces of OpenTelemetry.

use std::{collections::HashMap, sync::OnceLock};

use mcp_runtime::{
    CallError, Server, TraceContext, handlers, prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use opentelemetry::trace::{SpanId, SpanKind, Status, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde_json::{Value, json};
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::{layer::SubscriberExt as _, registry, util::SubscriberInitExt as _};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

/// Says what it would tell another service.
#[tool]
fn forward() -> Option<Vec<String>> {
    let trace = TraceContext::current()?;
    let list = |list: Option<&str>| list.unwrap_or("none").to_owned();
    Some(vec![
        trace.traceparent().to_owned(),
        list(trace.tracestate()),
        list(trace.baggage()),
    ])
}

/// Fails.
#[tool]
fn traced_fail() -> Result<(), CallError> {
    Err(CallError::new("no"))
}

/// A text.
#[resource("traced://{name}")]
fn text(name: String) -> String {
    name
}

/// A prompt.
#[prompt]
fn traced_ask() -> &'static str {
    "?"
}

fn server() -> Server {
    Server::new("traced", "1").add(handlers![forward, traced_fail, text, traced_ask])
}

/// The spans of this process, which has one subscriber: those of threads are told apart too late at times.
fn exporter() -> &'static InMemorySpanExporter {
    static EXPORTER: OnceLock<InMemorySpanExporter> = OnceLock::new();
    EXPORTER.get_or_init(|| {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone());
        let tracer = provider.build().tracer("test");
        registry()
            .with(tracing_opentelemetry::layer().with_tracer(tracer))
            .init();
        exporter
    })
}

/// The span of the call in which a `traceparent` was told.
fn span_of(traceparent: &str) -> SpanData {
    let spans = exporter().get_finished_spans().unwrap();
    let is_told = |span: &SpanData| traceparent.contains(&span.span_context.span_id().to_string());
    spans.into_iter().find(is_told).unwrap()
}

async fn call(client: &TestClient, name: &str, trace: Value) -> Value {
    let mut meta = trace;
    if client.protocol() == Protocol::MODERN {
        meta["io.modelcontextprotocol/protocolVersion"] = client.protocol().as_str().into();
        meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
    }
    let params = json!({ "name": name, "_meta": meta });
    client.request("tools/call", params).await.unwrap()
}

fn attributes(span: &SpanData) -> HashMap<&str, String> {
    let pairs = span.attributes.iter();
    pairs
        .map(|pair| (pair.key.as_str(), pair.value.to_string()))
        .collect()
}

#[tokio::test]
async fn the_span_of_a_call_is_a_child_of_that_of_the_client_and_a_parent_of_others() {
    exporter();
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), *protocol).await;
        let trace = json!({ "traceparent": PARENT, "tracestate": "a=1", "baggage": "user=al%20ice;p=1,b=2" });
        let result = call(&client, "forward", trace).await;
        let told: Vec<String> =
            serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        let span = &span_of(&told[0]);
        assert_eq!(span.name, "tools/call forward");
        let id = span.span_context.span_id();
        assert_eq!(
            told[0],
            format!("00-0af7651916cd43dd8448eb211c80319c-{id}-01")
        );
        assert_eq!(told[1], "a=1");
        let mut baggage: Vec<_> = told[2].split(',').collect();
        baggage.sort_unstable();
        assert_eq!(baggage, ["b=2", "user=al%20ice;p=1"]);
        assert_eq!(
            span.parent_span_id,
            SpanId::from_hex("00f067aa0ba902b7").unwrap()
        );
        assert!(span.parent_span_is_remote);
        assert_eq!(span.span_kind, SpanKind::Server);
        assert_eq!(span.status, Status::Unset);
        let attributes = attributes(span);
        for (name, expected) in [
            ("mcp.method.name", "tools/call"),
            ("gen_ai.operation.name", "execute_tool"),
            ("gen_ai.tool.name", "forward"),
            ("mcp.protocol.version", protocol.as_str()),
            ("mcp.outcome", "ok"),
        ] {
            assert_eq!(attributes[name], expected);
        }
        assert!(attributes.contains_key("jsonrpc.request.id"));
        assert!(!attributes.contains_key("error.type"));
    }
}

#[tokio::test]
async fn a_call_without_a_trace_begins_one() {
    exporter();
    let client = TestClient::connect(server()).await;
    let result = call(&client, "forward", json!({})).await;
    let told = result["content"][0]["text"].as_str().unwrap();
    let span = span_of(told);
    assert!(!span.parent_span_is_remote);
    let trace = span.span_context.trace_id().to_string();
    assert!(told.contains(&trace), "{told}");
}

#[tokio::test]
async fn spans_tell_how_calls_end_and_have_few_names() {
    exporter();
    let client = TestClient::connect(server()).await;
    client.call("traced_fail", ()).await;
    client.read("traced://a").await;
    client.prompt("traced_ask", ()).await;
    client.try_call("traced_nothing", ()).await.unwrap_err();
    let spans = exporter().get_finished_spans().unwrap();
    let calls = spans.iter().filter(|span| {
        attributes(span)
            .values()
            .any(|value| value.contains("traced"))
    });
    let calls: Vec<_> = calls.collect();
    let names: Vec<_> = calls.iter().map(|span| &*span.name).collect();
    assert_eq!(
        names,
        [
            "tools/call traced_fail",
            "resources/read",
            "prompts/get traced_ask",
            "tools/call"
        ]
    );
    let failed = |span: &SpanData| matches!(span.status, Status::Error { .. });
    assert!(failed(calls[0]) && !failed(calls[1]) && !failed(calls[2]) && failed(calls[3]));
    assert_eq!(attributes(calls[0])["error.type"], "tool_error");
    assert_eq!(attributes(calls[1])["mcp.resource.uri"], "traced://a");
    assert_eq!(attributes(calls[2])["gen_ai.prompt.name"], "traced_ask");
    assert_eq!(attributes(calls[3])["error.type"], "unknown");
    assert_eq!(attributes(calls[3])["gen_ai.tool.name"], "traced_nothing");
}

#[tokio::test]
async fn without_a_layer_there_is_nothing_to_tell() {
    let _nobody = tracing::subscriber::set_default(NoSubscriber::new());
    assert_eq!(TraceContext::current(), None);
    let client = TestClient::connect(server()).await;
    let result = call(&client, "forward", json!({ "traceparent": PARENT })).await;
    assert_eq!(result["content"][0]["text"], "null");
}
