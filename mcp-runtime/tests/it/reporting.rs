//! What a call tells the client while it runs.

mod emit;
mod log;
mod progress;
mod stream;
mod task;
mod trace;
mod track;

use std::sync::{Arc, Mutex};

use mcp_runtime::{
    Context, Server, State,
    testing::{Progress, Protocol, TestClient},
};
use serde_json::{Value, json};

async fn in_every_revision(server: impl Fn() -> Server, test: impl AsyncFn(&TestClient)) {
    for protocol in Protocol::ALL {
        eprintln!("in {protocol:?}:");
        let client = TestClient::connect_as(server(), *protocol).await;
        test(&client).await;
        client.close().await;
    }
}

fn done(steps: &[Progress]) -> Vec<f64> {
    steps.iter().map(|step| step.done).collect()
}

fn messages(steps: &[Progress]) -> Vec<&str> {
    let messages = steps.iter().map(|step| step.message.as_deref());
    messages.map(Option::unwrap_or_default).collect()
}

/// Holds the context of a call beyond its end.
#[derive(Clone, Default)]
struct Leak(Arc<Mutex<Option<Context>>>);

impl Leak {
    fn keep(leak: &State<Self>, context: &Context) {
        *leak.0.lock().unwrap() = Some(context.clone());
    }

    fn context(&self) -> Context {
        self.0.lock().unwrap().clone().unwrap()
    }

    /// Tells everything that can be told.
    async fn tell(&self) {
        let context = self.context();
        context.progress(1000, 0, "after the end").await;
        context.emit("after the end").await;
        #[expect(deprecated, reason = "what is checked")]
        context
            .log(mcp_runtime::LogLevel::Emergency, "after the end")
            .await;
        for _ in context.track(0..3) {}
    }
}

/// A call of a tool without a progress token; `extra` is added to the metadata.
async fn call_with(client: &TestClient, tool: &str, extra: Value) -> Value {
    let mut meta = json!({});
    if !has_sessions(client) {
        meta = json!({
            "io.modelcontextprotocol/protocolVersion": client.protocol().as_str(),
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        });
    }
    if let (Value::Object(meta), Value::Object(extra)) = (&mut meta, extra) {
        meta.extend(extra);
    }
    let result = client
        .request("tools/call", json!({ "name": tool, "_meta": meta }))
        .await;
    result.unwrap_or_else(|error| json!({ "error": error.code, "message": error.message }))
}

fn has_sessions(client: &TestClient) -> bool {
    client.protocol() != Protocol::MODERN
}
