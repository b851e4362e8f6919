//! Layers of tower around calls.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_runtime::{
    CallError, Context, Handlers, Kind, Principal, Server, handlers,
    layer::{self, BoxError, CallRequest, CallResponse, Next, Refusal},
    prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, Semaphore},
    time::sleep,
};
use tower::{
    Layer, ServiceBuilder,
    buffer::BufferLayer,
    limit::ConcurrencyLimitLayer,
    load_shed::LoadShedLayer,
    retry::{Policy, RetryLayer},
    timeout::TimeoutLayer,
};

/// Says hello.
#[tool]
fn hello(name: String) -> String {
    format!("hello {name}")
}

/// The settings.
#[resource("config://{name}")]
fn settings(name: String) -> String {
    format!("settings of {name}")
}

/// Greets.
#[prompt]
fn greet(name: String) -> String {
    format!("greet {name}")
}

/// Never ends.
#[tool]
async fn endless() {
    std::future::pending::<()>().await;
}

/// What the layers of a test have seen.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// A layer that notes when a call goes in and comes out.
    fn layer(&self, name: &'static str) -> impl Layer<Next, Service: Around> + use<> {
        let seen = self.clone();
        layer::from_fn(move |request: CallRequest, next: Next| {
            let seen = seen.clone();
            async move {
                seen.note(format!("{name} in"));
                let response = next.run(request).await;
                seen.note(format!("{name} out"));
                response
            }
        })
    }
}

/// What layers of calls are made of.
trait Around:
    tower::Service<
        CallRequest,
        Response = CallResponse,
        Error = BoxError,
        Future: Send + 'static,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> Around for S where
    S: tower::Service<
            CallRequest,
            Response = CallResponse,
            Error = BoxError,
            Future: Send + 'static,
        > + Clone
        + Send
        + Sync
        + 'static
{
}

fn server(handlers: Handlers) -> Server {
    Server::new("x", "1").add(handlers)
}

#[tokio::test]
async fn a_call_goes_through_the_layers_of_the_server_the_groups_and_the_handler() {
    let seen = Seen::default();
    let inner = handlers![hello].layer(seen.layer("group")).layer(seen.layer("later"));
    let outer = Handlers::new().and(inner).layer(seen.layer("outer group"));
    let server = server(outer).layer(seen.layer("server")).layer(seen.layer("outermost"));
    let client = TestClient::connect(server).await;
    assert_eq!(client.call("hello", json!({ "name": "you" })).await.text(), "hello you");
    let order = ["outermost", "server", "outer group", "later", "group"];
    let way_in = order.iter().map(|name| format!("{name} in"));
    let way_out = order.iter().rev().map(|name| format!("{name} out"));
    assert_eq!(seen.all(), way_in.chain(way_out).collect::<Vec<_>>());
}

/// Waits for room.
#[tool(layer = TimeoutLayer::new(Duration::from_secs(1)))]
async fn impatient() {
    std::future::pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_has_layers_of_its_own_and_a_timeout_is_told() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(handlers![impatient]), *protocol).await;
        let result = client.call("impatient", ()).await;
        assert_eq!(result.error(), "`impatient` gave no answer in time and was ended.");
        assert_eq!(result.error_kind(), Some("timed_out"));
    }
}

#[tokio::test]
async fn a_layer_sees_the_typed_call_of_every_kind() {
    let seen = Seen::default();
    let noted = seen.clone();
    let look = layer::from_fn(move |request: CallRequest, next: Next| {
        noted.note(format!(
            "{} {} {:?} {} by {} {}",
            request.kind().name(),
            request.name(),
            request.uri(),
            Value::from(request.arguments().clone()),
            request.context().principal().map_or("nobody", Principal::subject),
            request.component().read_only(),
        ));
        next.run(request)
    });
    let server = server(handlers![hello, settings, greet]).layer(look);
    let client = TestClient::options().principal(Principal::new("alice")).connect(server).await;
    client.call("hello", json!({ "name": "you" })).await;
    client.read("config://main").await;
    client.prompt("greet", json!({ "name": "you" })).await;
    assert_eq!(
        seen.all(),
        [
            r#"tool hello None {"name":"you"} by alice false"#,
            r#"resource settings Some("config://main") {"name":"main"} by alice true"#,
            r#"prompt greet None {"name":"you"} by alice true"#,
        ]
    );
}

#[tokio::test]
async fn a_layer_can_change_arguments_and_texts() {
    let change = layer::from_fn(async |mut request: CallRequest, next: Next| {
        request.arguments_mut().insert("name".into(), json!("me"));
        Ok::<_, BoxError>(next.run(request).await?.map_text(|text| text.to_uppercase()))
    });
    let server = server(handlers![hello, settings, greet]).layer(change);
    let client = TestClient::connect(server).await;
    assert_eq!(client.call("hello", json!({ "name": "you" })).await.text(), "HELLO ME");
    assert_eq!(client.read("config://main").await.text(), "SETTINGS OF ME");
    assert_eq!(client.prompt("greet", json!({ "name": "you" })).await.text(), "GREET ME");
}

/// Answers with a number.
#[tool]
fn number() -> i64 {
    1
}

#[tokio::test]
async fn a_layer_can_answer_by_itself() {
    let answer = || {
        layer::from_fn(async |request: CallRequest, _: Next| {
            Ok::<_, BoxError>(match request.kind() {
                Kind::Tool => request.reply(7),
                _ => request.reply("seven"),
            })
        })
    };
    for protocol in Protocol::ALL {
        let server = server(handlers![number, settings, greet]).layer(answer());
        let client = TestClient::connect_as(server, *protocol).await;
        assert_eq!(client.call("number", ()).await.structured::<i64>(), 7, "{protocol}");
        assert_eq!(client.read("config://main").await.text(), "seven");
        assert_eq!(client.prompt("greet", json!({ "name": "you" })).await.text(), "seven");
    }
}

#[tokio::test]
async fn the_words_of_a_layer_are_told_and_other_errors_are_masked() {
    let refuse = layer::from_fn(async |request: CallRequest, _: Next| {
        Err::<CallResponse, BoxError>(match request.name() {
            "hello" => Refusal::from(CallError::new("not today")).into(),
            "greet" => return Ok(request.refuse(CallError::new("not you"))),
            _ => "the password is xyzzy".into(),
        })
    });
    let client = TestClient::connect(server(handlers![hello, settings, greet]).layer(refuse)).await;
    let result = client.call("hello", json!({ "name": "you" })).await;
    assert_eq!((&*result.error(), result.error_kind()), ("not today", Some("failed")));
    let error = client.try_prompt("greet", json!({ "name": "you" })).await.unwrap_err();
    assert_eq!(error.message, "not you");
    let error = client.try_read("config://main").await.unwrap_err();
    assert!(error.message.contains("internal error, reference"), "{error}");
}

#[tokio::test]
async fn a_layer_that_panics_is_contained() {
    let panics = layer::from_fn(async |_: CallRequest, _: Next| -> Result<CallResponse, BoxError> {
        panic!("the password is xyzzy")
    });
    let client = TestClient::connect(server(handlers![hello]).layer(panics)).await;
    let result = client.call("hello", json!({ "name": "you" })).await;
    assert_eq!(result.error_kind(), Some("internal"));
    assert!(!result.error().contains("xyzzy"));
}

/// Fails in the words of its author.
#[tool]
fn refuse() -> Result<(), CallError> {
    Err(CallError::new("try later").retry_after(Duration::from_secs(3)))
}

/// Fails for a reason that nobody may know.
#[tool]
fn secret() -> Result<(), std::io::Error> {
    Err(std::io::Error::other("the password is xyzzy"))
}

#[tokio::test]
async fn a_handler_that_fails_is_a_response() {
    let seen = Seen::default();
    let noted = seen.clone();
    let look = layer::from_fn(move |request: CallRequest, next: Next| {
        let noted = noted.clone();
        async move {
            let response = next.run(request).await?;
            let failure = response.failure().unwrap();
            assert!(response.is_error() && !response.is_input_required());
            noted.note(format!("{} {:?}", failure.kind(), failure.retry_after()));
            Ok::<_, BoxError>(response)
        }
    });
    let client = TestClient::connect(server(handlers![refuse, secret, hello]).layer(look)).await;
    assert_eq!(client.call("refuse", ()).await.error(), "try later");
    assert!(client.call("secret", ()).await.is_error());
    assert!(client.call("hello", ()).await.is_error());
    assert_eq!(seen.all(), ["failed Some(3s)", "internal None", "invalid_arguments None"]);
}

/// How often handlers have been called, and how many of them run at the moment.
#[derive(Default)]
struct Count {
    calls: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
    go: Option<Semaphore>,
}

impl Count {
    fn begin(&self) -> Running<'_> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        Running(self)
    }
}

struct Running<'a>(&'a Count);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Works.
#[tool]
async fn work(count: mcp_runtime::State<Count>) {
    let _running = count.begin();
    sleep(Duration::from_millis(10)).await;
}

/// Works, too.
#[tool]
async fn toil(count: mcp_runtime::State<Count>) {
    let _running = count.begin();
    sleep(Duration::from_millis(10)).await;
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_a_group_is_one_for_all_of_its_handlers() {
    let limited = handlers![work, toil].layer(ConcurrencyLimitLayer::new(2));
    let service = server(limited).state(Count::default()).build().unwrap();
    let client = TestClient::connect(service).await;
    let calls = (0..6).map(|at| client.call(if at % 2 == 0 { "work" } else { "toil" }, ()));
    futures_util::future::join_all(calls).await;
    let most = client.call("most", ()).await;
    assert!(most.is_error());
}

/// Says how many ran at a time.
#[tool]
fn most(count: mcp_runtime::State<Count>) -> usize {
    count.most.load(Ordering::SeqCst)
}
