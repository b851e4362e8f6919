//! The trace of the client, and the span of a call.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex},
};

use mcp_runtime::{Context, Server, handlers, prompt, resource, tool};
use serde_json::json;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer, layer, layer::SubscriberExt, registry, registry::LookupSpan, util::SubscriberInitExt,
};

use super::{call_with, in_every_revision};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

/// Says where it belongs.
#[tool]
fn tell(ctx: Context) -> Option<Vec<String>> {
    tracing::info!("told");
    let trace = ctx.trace_context()?;
    let list = |list: Option<&str>| list.unwrap_or("none").to_owned();
    Some(vec![
        trace.traceparent().to_owned(),
        trace.trace_id().to_owned(),
        trace.parent_id().to_owned(),
        trace.sampled().to_string(),
        list(trace.tracestate()),
        list(trace.baggage()),
    ])
}

/// Tells in a task.
#[tool]
async fn tell_in_a_task(ctx: Context) {
    tokio::task::yield_now().await;
    let task = ctx.spawn(async { tracing::info!("told in a task") });
    task.await.unwrap();
}

/// Fails in a way that no client may see.
#[tool]
fn fail() -> Result<(), std::io::Error> {
    Err(std::io::Error::other("hunter2"))
}

/// A text.
#[resource("text://{name}")]
fn text(name: String) -> String {
    name
}

/// A prompt.
#[prompt]
fn ask() -> &'static str {
    "?"
}

fn server() -> Server {
    Server::new("reporting", "1").add(handlers![tell, tell_in_a_task, fail, text, ask])
}

/// The fields of spans, and the spans that events are in.
#[derive(Clone, Default)]
struct Seen {
    spans: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
    events: Arc<Mutex<Vec<Option<&'static str>>>>,
}

impl Seen {
    fn take(&self) -> Vec<BTreeMap<String, String>> {
        std::mem::take(&mut *self.spans.lock().unwrap())
    }
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: layer::Context<'_, S>) {
        if attributes.metadata().name() == "mcp.call" {
            let mut fields = BTreeMap::new();
            fields.insert("level".into(), attributes.metadata().level().to_string());
            attributes.record(&mut Fields(&mut fields));
            self.spans.lock().unwrap().push(fields);
        }
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: layer::Context<'_, S>) {
        if let Some(fields) = self.spans.lock().unwrap().last_mut() {
            values.record(&mut Fields(fields));
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: layer::Context<'_, S>) {
        if event.metadata().target().starts_with("it::")
            || *event.metadata().level() == tracing::Level::ERROR
        {
            let span = context.event_span(event).map(|span| span.name());
            self.events.lock().unwrap().push(span);
        }
    }
}

#[tokio::test]
async fn a_handler_knows_the_trace_of_its_client() {
    in_every_revision(server, async |client| {
        let meta = json!({ "traceparent": PARENT, "tracestate": "a=1", "baggage": "user=1" });
        let result = call_with(client, "tell", meta).await;
        let text = result["content"][0]["text"].as_str().unwrap();
        let told: Vec<String> = serde_json::from_str(text).unwrap();
        let expected = [
            PARENT,
            "0af7651916cd43dd8448eb211c80319c",
            "00f067aa0ba902b7",
            "true",
            "a=1",
            "user=1",
        ];
        assert_eq!(told, expected);
        for wrong in [json!("00-xyz"), json!(7), json!(PARENT.to_uppercase())] {
            let meta = json!({ "traceparent": wrong, "baggage": "user=1" });
            let result = call_with(client, "tell", meta).await;
            assert_eq!(result["content"][0]["text"], "null", "{result}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_call_runs_in_a_span() {
    let seen = Seen::default();
    let _subscriber = registry().with(seen.clone()).set_default();
    in_every_revision(server, async |client| {
        let of = |fields: &BTreeMap<String, String>, name: &str| {
            fields.get(name).cloned().unwrap_or_default()
        };
        call_with(client, "tell", json!({ "traceparent": PARENT })).await;
        let [span] = &seen.take()[..] else {
            panic!("one span");
        };
        assert_eq!(of(span, "level"), "INFO");
        assert_eq!(of(span, "mcp.method.name"), "tools/call");
        assert_eq!(of(span, "gen_ai.tool.name"), "tell");
        assert_eq!(of(span, "mcp.protocol.version"), client.protocol().as_str());
        assert!(!of(span, "jsonrpc.request.id").is_empty());
        assert_eq!(of(span, "trace_id"), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(of(span, "parent_span_id"), "00f067aa0ba902b7");
        assert!(!span.contains_key("mcp.resource.uri"));
        client.read("text://x").await;
        client.prompt("ask", ()).await;
        let [read, asked] = &seen.take()[..] else {
            panic!("two spans");
        };
        assert_eq!(of(read, "mcp.method.name"), "resources/read");
        assert_eq!(of(read, "mcp.resource.uri"), "text://x");
        assert!(!read.contains_key("trace_id"));
        assert_eq!(of(asked, "mcp.method.name"), "prompts/get");
        assert_eq!(of(asked, "gen_ai.prompt.name"), "ask");
    })
    .await;
}

#[tokio::test]
async fn what_happens_in_a_call_is_in_its_span() {
    let seen = Seen::default();
    let _subscriber = registry().with(seen.clone()).set_default();
    in_every_revision(server, async |client| {
        for tool in ["tell", "tell_in_a_task", "fail"] {
            client.call(tool, ()).await;
            let events = std::mem::take(&mut *seen.events.lock().unwrap());
            assert_eq!(events, [Some("mcp.call")], "{tool}");
        }
    })
    .await;
}
