//! Handlers that call others.

use std::{sync::Arc, time::Duration};

use mcp_runtime::{
    CallError, Content, Contents, Context, Json, Principal, ResourceContent, Server, State,
    handlers, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

/// Adds two numbers.
#[tool]
fn add(a: i64, #[arg(range(max = 10))] b: i64) -> i64 {
    a + b
}

/// Says hello.
#[tool]
fn hello() -> String {
    "hello".to_owned()
}

/// Returns nothing.
#[tool]
fn nothing() {}

/// Returns a text and an image.
#[tool]
fn picture() -> Contents {
    [Content::text("a dot"), Content::image(b"png", "image/png")]
        .into_iter()
        .collect()
}

/// Fails in the words of its author.
#[tool]
fn refuse() -> Result<(), String> {
    Err("not today".to_owned())
}

/// Fails for a reason that nobody may know.
#[tool]
fn secret() -> Result<(), std::io::Error> {
    Err(std::io::Error::other("the password is xyzzy"))
}

/// Panics.
#[tool]
fn panics() {
    panic!("the password is xyzzy");
}

/// Takes too long.
#[tool(timeout = "10ms")]
async fn slow() {
    std::future::pending::<()>().await;
}

/// Says who asks.
#[tool]
fn whoami(principal: Principal, ctx: Context) -> String {
    format!("{} {}", principal.subject(), ctx.request_id())
}

/// Reports progress.
#[tool]
async fn reports(ctx: Context) -> bool {
    ctx.progress(100, 100, "inner").await;
    ctx.meta("progressToken").is_none()
}

/// Says when it will be ended.
#[tool(timeout = "1h")]
fn patient(ctx: Context) -> bool {
    let limit = std::time::Instant::now() + Duration::from_secs(60);
    ctx.deadline().is_some_and(|deadline| deadline < limit)
}

/// Never ends, and tells when it is dropped.
#[tool]
async fn forever(ready: State<Arc<Notify>>) {
    struct Told(State<Arc<Notify>>);
    impl Drop for Told {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    ready.notify_one();
    let _told = Told(ready);
    std::future::pending::<()>().await;
}

/// Calls any tool, and returns its value.
#[tool(timeout = "30s")]
async fn call(
    ctx: Context,
    tool: String,
    #[arg(default = Map::new())] arguments: Map<String, Value>,
) -> Result<Value, CallError> {
    ctx.progress(1, 2, "outer").await;
    let called = ctx.call_tool(&tool, arguments).await?;
    ctx.progress(2, 2, "outer").await;
    called.structured()
}

/// Calls a tool, and returns its contents.
#[tool]
async fn forward(ctx: Context, tool: String) -> Result<Contents, CallError> {
    Ok(ctx.call_tool(&tool, ()).await?.into_contents())
}

/// Calls itself.
#[tool]
async fn deep(ctx: Context, depth: u8) -> Result<u8, CallError> {
    if depth == 0 {
        return Ok(0);
    }
    let below = ctx.call_tool("deep", json!({ "depth": depth - 1 })).await?;
    Ok(below.structured::<u8>()? + 1)
}

/// The settings.
#[resource("config://all")]
fn settings() -> Json<Vec<u8>> {
    Json(vec![1, 2])
}

/// A note.
#[resource("note://{id}", mime_type = "text/markdown")]
fn note(id: u64) -> Option<String> {
    (id < 10).then(|| format!("note {id}"))
}

/// The same note at another URI.
#[resource("alias://{id}")]
async fn alias(ctx: Context, id: String) -> Result<Vec<ResourceContent>, CallError> {
    let note = ctx.read_resource(&format!("note://{id}")).await?;
    Ok(note.into_contents())
}

/// Reads the settings.
#[tool]
async fn sum(ctx: Context) -> Result<String, CallError> {
    let settings = ctx.read_resource("config://all").await?;
    let numbers: Vec<u8> = settings.json()?;
    let sum: u8 = numbers.iter().sum();
    Ok(format!("{:?} {sum}", settings.text()))
}

fn server() -> Server {
    Server::new("nested", "1")
        .principal(Principal::new("alice"))
        .state(Arc::new(Notify::new()))
        .add(handlers![
            add, hello, nothing, picture, refuse, secret, panics, slow, whoami, reports, patient,
            forever, call, forward, deep, settings, note, alias, sum
        ])
}

fn with(tool: &str, arguments: &Value) -> Value {
    json!({ "tool": tool, "arguments": arguments })
}

#[tokio::test]
async fn a_tool_gives_another_what_it_returns() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        let arguments = with("add", &json!({ "a": 1, "b": 2 }));
        assert_eq!(client.call("call", arguments).await.structured::<i64>(), 3);
        for (tool, value) in [
            ("hello", json!("hello")),
            ("nothing", Value::Null),
            ("patient", json!(true)),
        ] {
            let result = client.call("call", json!({ "tool": tool })).await;
            let raw = &result.raw()["structuredContent"];
            let raw = raw.get("result").unwrap_or(raw);
            assert_eq!(raw, &value, "{tool} {protocol}");
        }
        let picture = client.call("forward", json!({ "tool": "picture" })).await;
        let direct = client.call("picture", ()).await;
        assert_eq!(picture.raw()["content"], direct.raw()["content"]);
    }
}

#[tokio::test]
async fn a_tool_that_fails_is_an_error_with_the_text_that_a_client_would_get() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        for (tool, arguments, text) in [
            ("refuse", json!({}), "not today"),
            ("ad", json!({}), "Unknown tool `ad`. Did you mean `add`?"),
            (
                "add",
                json!({ "a": 1, "b": 11 }),
                "- b: an integer of at most 10",
            ),
            (
                "secret",
                json!({}),
                "`secret` failed (internal error, reference ",
            ),
            (
                "panics",
                json!({}),
                "`panics` failed (internal error, reference ",
            ),
            ("slow", json!({}), "`slow` gave no answer within 10ms"),
        ] {
            let error = client.call("call", with(tool, &arguments)).await.error();
            assert!(error.contains(text), "{tool}: {error}");
            assert!(!error.contains("xyzzy"), "{error}");
        }
    }
}

#[tokio::test]
async fn the_caller_is_the_same() {
    let client = TestClient::connect(server()).await;
    let direct = client.call("whoami", ()).await.text();
    assert!(direct.starts_with("alice "), "{direct}");
    let nested = client.call("call", json!({ "tool": "whoami" })).await;
    assert!(nested.structured::<String>().starts_with("alice "));
}

#[tokio::test]
async fn the_progress_of_a_nested_call_is_not_that_of_the_request() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        let result = client.call("call", json!({ "tool": "reports" })).await;
        assert!(result.structured::<bool>());
        let told: Vec<f64> = client.progress().iter().map(|step| step.done).collect();
        assert_eq!(told, [1.0, 2.0]);
    }
}

#[tokio::test]
async fn eight_calls_can_be_nested() {
    let client = TestClient::connect(server()).await;
    let result = client.call("deep", json!({ "depth": 8 })).await;
    assert_eq!(result.structured::<u8>(), 8);
    let error = client.call("deep", json!({ "depth": 9 })).await.error();
    assert_eq!(error, "handlers call each other more than 8 deep");
}

#[tokio::test]
async fn a_call_that_is_taken_back_drops_what_it_has_called() {
    for &protocol in Protocol::ALL {
        let ready = Arc::new(Notify::new());
        let server = Server::new("nested", "1")
            .state(Arc::clone(&ready))
            .add(handlers![forever, call]);
        let client = TestClient::connect_as(server, protocol).await;
        let running = client.start("call", json!({ "tool": "forever" })).await;
        ready.notified().await;
        running.cancel().await;
        ready.notified().await;
    }
}

#[tokio::test]
async fn a_resource_is_read_as_a_client_would() {
    for (protocol, code) in [(Protocol::MODERN, -32602), (Protocol::LEGACY, -32002)] {
        let client = TestClient::connect_as(server(), protocol).await;
        let text = client.call("sum", ()).await.text();
        assert_eq!(text, "Some(\"[1,2]\") 3");
        let read = client.read("alias://7").await;
        let expected =
            json!([{ "uri": "alias://7", "mimeType": "text/markdown", "text": "note 7" }]);
        assert_eq!(read.raw()["contents"], expected);
        for missing in ["alias://10", "alias://a%2Fb"] {
            let refusal = client.try_read(missing).await.unwrap_err();
            assert_eq!(refusal.code, code, "{missing} {refusal}");
        }
        let refusal = client.try_read("alias://x").await.unwrap_err();
        assert_eq!(refusal.code, -32603, "{refusal}");
        assert!(refusal.message.contains("id: an integer"), "{refusal}");
    }
}

#[tokio::test]
async fn a_context_without_a_server_calls_nothing() {
    let error = Context::detached().call_tool("add", ()).await.unwrap_err();
    assert!(error.is_internal(), "{error}");
    let error = Context::detached().read_resource("a://b").await;
    assert!(error.unwrap_err().is_internal());
}
