//! Each call has exactly one record, however it ends.

use std::{
    borrow::Cow,
    future::{Future as _, poll_fn},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    task::Poll,
};

use axum::{body::Body, http::Request};
use mcp_runtime::{
    Access, CallError, Context, Principal, Server, Tenant,
    audit::{Arguments, Audit, verify},
    handlers, layer, prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

/// Adds two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Fails.
#[tool]
fn fail() -> Result<(), CallError> {
    Err(CallError::new("no"))
}

/// Panics.
#[tool]
fn boom() {
    panic!("boom");
}

/// Never ends.
#[tool]
async fn hang(ctx: Context) {
    ctx.progress(1, 2, "begun").await;
    std::future::pending::<()>().await;
}

/// Calls another tool.
#[tool]
async fn outer(ctx: Context) -> Result<i64, CallError> {
    ctx.call_tool("add", json!({ "a": 1, "b": 1 }))
        .await?
        .structured()
}

/// Asks.
#[tool]
async fn ask(ctx: Context) -> Result<bool, CallError> {
    Ok(ctx.elicit::<Sure>("sure", "Sure?").await?.yes)
}

#[derive(serde::Deserialize, mcp_runtime::schemars::JsonSchema)]
#[schemars(crate = "mcp_runtime::schemars")]
struct Sure {
    yes: bool,
}

/// Only for some.
#[tool]
fn admin() {}

/// A text.
#[resource("text://{name}")]
fn text(name: String) -> String {
    name
}

/// A prompt.
#[prompt]
fn write(words: u32) -> String {
    format!("Write {words} words.")
}

fn server(audit: Audit) -> Server {
    Server::new("audited", "1")
        .add(handlers![add, fail, boom, hang, outer, ask, text, write])
        .add(handlers![admin].scopes(["admin"]))
        .audit(audit)
}

fn records(path: &Path) -> Vec<Value> {
    verify(path, None).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
    records.collect()
}

/// What a call records, but for what differs from run to run.
async fn recorded(protocol: Protocol, call: impl AsyncFnOnce(&TestClient)) -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let server = server(Audit::file(&path).unwrap()).principal(Principal::new("alice"));
    let service = server.build().unwrap();
    let client = TestClient::connect_as(service.clone(), protocol).await;
    call(&client).await;
    service.shutdown().await.unwrap();
    records(&path)
}

/// Calls a tool in the trace of [`PARENT`].
async fn call_in_a_trace(client: &TestClient, name: &str, arguments: Value) {
    let mut meta = json!({ "traceparent": PARENT });
    if client.protocol() == Protocol::MODERN {
        meta = json!({
            "traceparent": PARENT,
            "io.modelcontextprotocol/protocolVersion": client.protocol().as_str(),
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        });
    }
    let params = json!({ "name": name, "arguments": arguments, "_meta": meta });
    client.request("tools/call", params).await.unwrap();
}

fn field<'a>(records: &'a [Value], name: &str) -> Vec<&'a str> {
    let text = |record: &'a Value| record[name].as_str().unwrap_or("-");
    records.iter().map(text).collect()
}

#[tokio::test]
async fn a_record_says_who_has_called_what_and_how_it_has_ended() {
    for protocol in Protocol::ALL {
        let records = recorded(*protocol, async |client| {
            call_in_a_trace(client, "add", json!({ "b": 2, "a": 1 })).await;
        })
        .await;
        let [record] = &records[..] else {
            panic!("one record: {records:?}");
        };
        let digest = "43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777";
        for (name, expected) in [
            ("seq", json!(1)),
            ("prev", json!("0".repeat(64))),
            ("subject", json!("alice")),
            ("kind", json!("tool")),
            ("name", json!("add")),
            ("arguments_sha256", json!(digest)),
            ("outcome", json!("ok")),
            ("trace_id", json!("0af7651916cd43dd8448eb211c80319c")),
            ("protocol", json!(protocol.as_str())),
        ] {
            assert_eq!(record[name], expected, "{name} of {record}");
        }
        assert!(record["agent"].as_str().unwrap().contains('/'), "{record}");
        assert!(record["time"].as_str().unwrap().ends_with('Z'), "{record}");
        assert!(record["duration_us"].is_u64(), "{record}");
        assert!(record["request_id"].is_string(), "{record}");
        for absent in ["error", "uri", "arguments", "nested", "mac", "lost", "torn"] {
            assert!(record.get(absent).is_none(), "{absent} of {record}");
        }
    }
}

#[tokio::test]
async fn a_record_says_by_which_client_of_which_issuer() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let service = server(Audit::file(&path).unwrap()).build().unwrap();
    let client = TestClient::connect(service.clone()).await;
    let alice = Principal::new("alice");
    let known = alice
        .clone()
        .with_client("app")
        .with_issuer("https://issuer.test");
    for principal in [
        Some(known),
        Some(alice.with_claim("iss", "https://a")),
        None,
    ] {
        client.set_principal(principal);
        client.call("add", json!({ "a": 1, "b": 2 })).await;
        // Also if it is refused.
        client.try_call("admin", ()).await.unwrap_err();
    }
    service.shutdown().await.unwrap();
    let records = records(&path);
    for (at, record) in records.iter().enumerate() {
        let told = ["subject", "issuer", "client"].map(|name| record[name].as_str());
        let expected = [
            [Some("alice"), Some("https://issuer.test"), Some("app")],
            [Some("alice"), Some("https://a"), None],
            [None, None, None],
        ];
        assert_eq!(told, expected[at / 2], "{record}");
    }
    assert_eq!(records.len(), 6);
}

#[tokio::test]
async fn every_end_has_one_record() {
    for protocol in Protocol::ALL {
        let records = recorded(*protocol, async |client| {
            client.call("fail", ()).await;
            client.call("boom", ()).await;
            client.call("add", json!({ "a": "x" })).await;
            client.try_call("nothing", ()).await.unwrap_err();
            client.try_call("admin", ()).await.unwrap_err();
            client.read("text://a").await;
            client.try_read("text:").await.unwrap_err();
            client.prompt("write", json!({ "words": "7" })).await;
            let mut call = client.start("hang", ()).await;
            call.next_progress().await.unwrap();
            call.cancel().await;
        })
        .await;
        let expected = [
            ("fail", "error", "failed"),
            ("boom", "error", "internal"),
            ("add", "error", "invalid_arguments"),
            ("nothing", "error", "unknown"),
            ("admin", "error", "forbidden"),
            ("text", "ok", "-"),
            ("-", "error", "unknown"),
            ("write", "ok", "-"),
            ("hang", "cancelled", "-"),
        ];
        let names = field(&records, "name").into_iter();
        let ends = field(&records, "outcome").into_iter();
        let errors = field(&records, "error");
        let ends: Vec<_> = names.zip(ends).zip(errors).collect();
        let expected = expected.map(|(name, end, error)| ((name, end), error));
        assert_eq!(ends, expected, "{protocol:?}");
        assert_eq!(records[5]["uri"], "text://a");
        assert_eq!(records[6]["uri"], "text:");
        assert!(records[1]["reference"].is_string());
    }
}

#[tokio::test]
async fn calls_of_handlers_have_records_of_their_own() {
    let records = recorded(Protocol::MODERN, async |client| {
        client.call("outer", ()).await;
    })
    .await;
    assert_eq!(field(&records, "name"), ["add", "outer"]);
    assert_eq!(records[0]["nested"], true);
    assert!(records[1].get("nested").is_none());
}

#[tokio::test]
async fn each_round_of_questions_has_a_record() {
    let records = recorded(Protocol::MODERN, async |client| {
        client.answer("sure", json!({ "yes": true }));
        client.call("ask", ()).await;
    })
    .await;
    assert_eq!(field(&records, "outcome"), ["input_required", "ok"]);
}

#[tokio::test]
async fn what_a_layer_refuses_has_a_record() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let refuse = async |request: layer::CallRequest, _: layer::Next| {
        Ok::<_, layer::BoxError>(request.refuse(CallError::new("not now")))
    };
    let server = server(Audit::file(&path).unwrap()).layer(layer::from_fn(refuse));
    let client = TestClient::connect(server).await;
    assert_eq!(client.call("add", ()).await.error(), "not now");
    let records = records(&path);
    assert_eq!(field(&records, "outcome"), ["error"]);
    assert_eq!(field(&records, "error"), ["failed"]);
}

/// Logs in.
#[tool]
fn log_in(user: String, password: mcp_runtime::Secret<String>) -> usize {
    user.len() + password.expose_secret().len()
}

#[tokio::test]
async fn arguments_are_recorded_without_secrets_or_not_at_all() {
    for (arguments, expected) in [
        (
            Arguments::Redacted,
            json!({ "user": "alice", "password": "[redacted]" }),
        ),
        (Arguments::Omitted, json!(null)),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        let audit = Audit::file(&path).unwrap().arguments(arguments);
        let server = Server::new("audited", "1")
            .add(handlers![log_in])
            .audit(audit);
        let client = TestClient::connect(server).await;
        let login = json!({ "user": "alice", "password": "hunter2" });
        assert!(!client.call("log_in", login).await.is_error());
        let unknown = client
            .try_call("log_inn", json!({ "password": "hunter2" }))
            .await;
        unknown.unwrap_err();
        let records = records(&path);
        assert_eq!(records[0]["arguments"], expected);
        assert!(records[0].get("arguments_sha256").is_none());
        assert!(!std::fs::read_to_string(&path).unwrap().contains("hunter2"));
    }
}

#[tokio::test]
async fn a_long_name_is_not_recorded_in_full() {
    let name = "é".repeat(100_000);
    let records = recorded(Protocol::MODERN, async |client| {
        client.try_call(&name, ()).await.unwrap_err();
    })
    .await;
    let recorded = records[0]["name"].as_str().unwrap();
    assert_eq!(recorded, format!("{}…", "é".repeat(1024)));
}

#[derive(Clone)]
struct Project(String);

impl Tenant for Project {
    const NAME: &'static str = "project";

    fn of(access: &Access<'_>) -> Result<Self, CallError> {
        let project = access.arguments().and_then(|all| all["project"].as_str());
        let project = project.filter(|project| *project != "secret");
        project
            .map(|project| Self(project.to_owned()))
            .ok_or(CallError::new("not yours"))
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

/// Opens a project.
#[tool]
fn open(project: String) -> String {
    project
}

#[tokio::test]
async fn a_record_says_which_tenant_a_call_is_about() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let server = Server::new("audited", "1").add(handlers![open].within::<Project>());
    let client = TestClient::connect(server.audit(Audit::file(&path).unwrap())).await;
    for project in ["apollo", "secret"] {
        client.call("open", json!({ "project": project })).await;
    }
    let records = records(&path);
    assert_eq!(field(&records, "scope"), ["project=apollo", "-"]);
    assert_eq!(field(&records, "outcome"), ["ok", "error"]);
}

static BEGUN: AtomicBool = AtomicBool::new(false);

/// Never ends, and says that it has begun.
#[tool]
async fn hang_quietly() {
    BEGUN.store(true, Ordering::SeqCst);
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_call_whose_client_has_gone_has_a_record() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let server = Server::new("audited", "1").add(handlers![hang_quietly]);
    let service = server.audit(Audit::file(&path).unwrap()).build().unwrap();
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "hang_quietly", "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }},
    });
    let request = Request::post("http://localhost/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "hang_quietly")
        .header("traceparent", PARENT)
        .body(Body::from(body.to_string()))
        .unwrap();
    let mut response = Box::pin(service.http().service().unwrap().oneshot(request));
    while !BEGUN.load(Ordering::SeqCst) {
        let step = poll_fn(|cx| Poll::Ready(response.as_mut().poll(cx).is_pending()));
        assert!(step.await);
        tokio::task::yield_now().await;
    }
    drop(response);
    service.shutdown().await.unwrap();
    let records = records(&path);
    assert_eq!(field(&records, "outcome"), ["cancelled"]);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    assert_eq!(field(&records, "trace_id"), [trace], "of the header");
}

#[tokio::test]
async fn a_server_has_one_audit() {
    let directory = tempfile::tempdir().unwrap();
    let audit = |name: &str| Audit::file(directory.path().join(name)).unwrap();
    let server = Server::new("audited", "1")
        .audit(audit("a"))
        .audit(audit("b"));
    let error = server.build().unwrap_err().to_string();
    assert!(error.contains("one audit"), "{error}");
}
