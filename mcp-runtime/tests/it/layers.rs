//! Layers of tower around calls.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_runtime::{
    CallError, Context, Handlers, Kind, Principal, Server, State, handlers,
    layer::{self, BoxError, CallRequest, CallResponse, Next, Refusal},
    prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};
use tokio::{sync::Notify, time::sleep};
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
    tower::Service<CallRequest, Response = CallResponse, Error = BoxError, Future: Send + 'static>
    + Clone
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
    let inner = handlers![hello]
        .layer(seen.layer("group"))
        .layer(seen.layer("later"));
    let outer = Handlers::new().and(inner).layer(seen.layer("outer group"));
    let server = server(outer)
        .layer(seen.layer("server"))
        .layer(seen.layer("outermost"));
    let client = TestClient::connect(server).await;
    assert_eq!(
        client.call("hello", json!({ "name": "you" })).await.text(),
        "hello you"
    );
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
        assert_eq!(
            result.error(),
            "`impatient` gave no answer in time and was ended."
        );
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
            request
                .context()
                .principal()
                .map_or("nobody", Principal::subject),
            request.component().read_only(),
        ));
        next.run(request)
    });
    let server = server(handlers![hello, settings, greet]).layer(look);
    let client = TestClient::options()
        .principal(Principal::new("alice"))
        .connect(server)
        .await;
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
        Ok::<_, BoxError>(
            next.run(request)
                .await?
                .map_text(|text| text.to_uppercase()),
        )
    });
    let server = server(handlers![hello, settings, greet]).layer(change);
    let client = TestClient::connect(server).await;
    assert_eq!(
        client.call("hello", json!({ "name": "you" })).await.text(),
        "HELLO ME"
    );
    assert_eq!(client.read("config://main").await.text(), "SETTINGS OF ME");
    assert_eq!(
        client
            .prompt("greet", json!({ "name": "you" }))
            .await
            .text(),
        "GREET ME"
    );
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
        assert_eq!(
            client.call("number", ()).await.structured::<i64>(),
            7,
            "{protocol}"
        );
        assert_eq!(client.read("config://main").await.text(), "seven");
        assert_eq!(
            client
                .prompt("greet", json!({ "name": "you" }))
                .await
                .text(),
            "seven"
        );
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
    assert_eq!(
        (&*result.error(), result.error_kind()),
        ("not today", Some("failed"))
    );
    let error = client
        .try_prompt("greet", json!({ "name": "you" }))
        .await
        .unwrap_err();
    assert_eq!(error.message, "not you");
    let error = client.try_read("config://main").await.unwrap_err();
    assert!(
        error.message.contains("internal error, reference"),
        "{error}"
    );
}

#[tokio::test]
async fn a_layer_that_panics_is_contained() {
    let panics = layer::from_fn(
        async |_: CallRequest, _: Next| -> Result<CallResponse, BoxError> {
            panic!("the password is xyzzy")
        },
    );
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
    assert_eq!(
        seen.all(),
        ["failed Some(3s)", "internal None", "invalid_arguments None"]
    );
}

/// How often handlers have been called, and how many of them run at the moment.
#[derive(Default)]
struct Count {
    calls: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
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
async fn work(count: State<Count>) {
    let _running = count.begin();
    sleep(Duration::from_millis(10)).await;
}

/// Works, too.
#[tool]
async fn toil(count: State<Count>) {
    let _running = count.begin();
    sleep(Duration::from_millis(10)).await;
}

/// Says how many ran at a time.
#[tool]
fn most(count: State<Count>) -> usize {
    count.most.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_a_group_is_one_for_all_of_its_handlers() {
    let limited = handlers![work, toil].layer(ConcurrencyLimitLayer::new(2));
    let server = server(limited.and(handlers![most])).state(Count::default());
    let client = TestClient::connect(server).await;
    let names = ["work", "toil", "work", "toil", "work", "toil"];
    futures_util::future::join_all(names.map(|name| client.call(name, ()))).await;
    assert_eq!(client.call("most", ()).await.structured::<usize>(), 2);
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_all_of_them_run() {
    let server = server(handlers![work, toil, most]).state(Count::default());
    let client = TestClient::connect(server).await;
    let names = ["work", "toil", "work", "toil", "work", "toil"];
    futures_util::future::join_all(names.map(|name| client.call(name, ()))).await;
    assert_eq!(client.call("most", ()).await.structured::<usize>(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_sheds_load_says_so() {
    let layer = ServiceBuilder::new()
        .layer(LoadShedLayer::new())
        .layer(ConcurrencyLimitLayer::new(1));
    let client = TestClient::connect(
        server(handlers![work])
            .state(Count::default())
            .layer(layer.into_inner()),
    )
    .await;
    let (one, other) = tokio::join!(client.call("work", ()), client.call("work", ()));
    let shed = [&one, &other]
        .into_iter()
        .find(|result| result.is_error())
        .unwrap();
    assert!([&one, &other].iter().any(|result| !result.is_error()));
    assert_eq!(shed.error_kind(), Some("overloaded"));
    assert!(shed.error().contains("too much to do"), "{shed:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_wait_in_a_buffer() {
    let layer = ServiceBuilder::new()
        .layer(BufferLayer::new(8))
        .layer(ConcurrencyLimitLayer::new(1));
    let server = server(handlers![work, most].layer(layer.into_inner())).state(Count::default());
    let client = TestClient::connect(server).await;
    let calls = (0..4).map(|_| client.call("work", ()));
    let results = futures_util::future::join_all(calls).await;
    assert!(
        results.iter().all(|result| !result.is_error()),
        "{results:?}"
    );
    assert_eq!(client.call("most", ()).await.structured::<usize>(), 1);
}

/// Makes the same call again as long as it fails, three times at most.
#[derive(Clone)]
struct Again(usize);

impl Policy<CallRequest, CallResponse, BoxError> for Again {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _: &mut CallRequest,
        result: &mut Result<CallResponse, BoxError>,
    ) -> Option<Self::Future> {
        let failed = result.as_ref().is_ok_and(CallResponse::is_error);
        self.0 = self.0.checked_sub(1)?;
        failed.then(|| std::future::ready(()))
    }

    fn clone_request(&mut self, request: &CallRequest) -> Option<CallRequest> {
        Some(request.clone())
    }
}

/// Succeeds the third time.
#[tool(layer = RetryLayer::new(Again(3)))]
async fn flaky(ctx: Context, count: State<Count>, text: String) -> Result<String, CallError> {
    let attempt = count.calls.fetch_add(1, Ordering::SeqCst) + 1;
    for step in 1..=attempt {
        ctx.progress(step, 3, format!("attempt {attempt}")).await;
    }
    ctx.emit(format!("{attempt}. ")).await;
    if attempt < 3 {
        return Err(CallError::new("not yet"));
    }
    Ok(text)
}

#[tokio::test]
async fn a_call_that_is_retried_has_the_same_arguments_and_answers_once() {
    for protocol in Protocol::ALL {
        let server = server(handlers![flaky]).state(Count::default());
        let server = server.progress_interval(Duration::ZERO);
        let client = TestClient::connect_as(server, *protocol).await;
        let result = client.call("flaky", json!({ "text": "done" })).await;
        assert_eq!(result.text(), "3. \ndone", "{protocol}");
        let done: Vec<f64> = result.progress().iter().map(|step| step.done).collect();
        assert!(done.is_sorted_by(|one, next| one < next), "{done:?}");
    }
}

/// Pays, and fails the first time.
#[tool(layer = RetryLayer::new(Again(3)))]
async fn pay(ctx: Context, count: State<Count>) -> Result<usize, CallError> {
    let sure: bool = ctx.elicit::<Sure>("sure", "Really?").await?.yes;
    let paid = ctx
        .once("pay", async {
            count.calls.fetch_add(1, Ordering::SeqCst) + 1
        })
        .await;
    if count.most.fetch_add(1, Ordering::SeqCst) == 0 {
        return Err(CallError::new("the printer is on fire"));
    }
    Ok(if sure { paid } else { 0 })
}

#[derive(serde::Deserialize, mcp_runtime::schemars::JsonSchema)]
#[schemars(crate = "mcp_runtime::schemars")]
struct Sure {
    yes: bool,
}

#[tokio::test]
async fn a_call_that_is_retried_asks_and_pays_once() {
    for protocol in Protocol::ALL {
        let server = server(handlers![pay]).state(Count::default());
        let client = TestClient::connect_as(server, *protocol).await;
        client.answer("sure", json!({ "yes": true }));
        assert_eq!(
            client.call("pay", ()).await.structured::<usize>(),
            1,
            "{protocol}"
        );
        assert_eq!(client.questions().len(), 1, "{protocol}");
    }
}

#[tokio::test]
async fn questions_go_through_layers() {
    let seen = Seen::default();
    let noted = seen.clone();
    let look = layer::from_fn(move |request: CallRequest, next: Next| {
        let noted = noted.clone();
        async move {
            let response = next.run(request).await?;
            noted.note(if response.is_input_required() {
                "asks"
            } else {
                "answers"
            });
            Ok::<_, BoxError>(response)
        }
    });
    let server = server(handlers![pay]).state(Count::default()).layer(look);
    let client = TestClient::connect(server).await;
    client.answer("sure", json!({ "yes": true }));
    client.call("pay", ()).await;
    assert_eq!(seen.all(), ["asks", "answers"]);
}

/// Calls another tool.
#[tool]
async fn outer(ctx: Context) -> Result<String, CallError> {
    Ok(ctx
        .call_tool("hello", json!({ "name": "you" }))
        .await?
        .text())
}

#[tokio::test]
async fn a_nested_call_goes_the_same_way() {
    let seen = Seen::default();
    let handlers = handlers![hello]
        .layer(seen.layer("group"))
        .and(handlers![outer]);
    let client = TestClient::connect(server(handlers).layer(seen.layer("server"))).await;
    assert_eq!(client.call("outer", ()).await.text(), "hello you");
    let all = [
        "server in",
        "server in",
        "group in",
        "group out",
        "server out",
        "server out",
    ];
    assert_eq!(seen.all(), all);
}

/// Tells when it is dropped.
struct Gone(Arc<Notify>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Never ends by itself.
#[tool]
async fn endless(ctx: Context, gone: State<Arc<Notify>>) {
    let _gone = Gone(Arc::clone(&gone));
    ctx.progress(1, 2, "begun").await;
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_call_that_is_taken_back_ends_within_its_layers() {
    for protocol in Protocol::ALL {
        let gone = Arc::new(Notify::new());
        let layer = BufferLayer::new(4);
        let server = server(handlers![endless])
            .state(Arc::clone(&gone))
            .layer(layer);
        let client = TestClient::connect_as(server, *protocol).await;
        let mut call = client.start("endless", ()).await;
        assert!(call.next_progress().await.is_some());
        call.cancel().await;
        gone.notified().await;
    }
}

#[tokio::test]
async fn a_call_that_waits_for_its_turn_can_be_taken_back() {
    let gone = Arc::new(Notify::new());
    let limit = ConcurrencyLimitLayer::new(1);
    let server = server(handlers![endless])
        .state(Arc::clone(&gone))
        .layer(limit);
    let client = TestClient::connect(server).await;
    let mut first = client.start("endless", ()).await;
    assert!(first.next_progress().await.is_some());
    client.start("endless", ()).await.cancel().await;
    first.cancel().await;
    gone.notified().await;
    // If the second were still in the queue, this one would not begin.
    let mut third = client.start("endless", ()).await;
    assert!(third.next_progress().await.is_some());
}

#[tokio::test]
async fn a_handler_that_is_added_later_is_within_the_layers_of_the_server() {
    let seen = Seen::default();
    let mut server = server(Handlers::new()).layer(seen.layer("server"));
    let handle = server.handle();
    let client = TestClient::connect(server).await;
    handle
        .add(handlers![hello].layer(seen.layer("group")))
        .unwrap();
    client.call("hello", json!({ "name": "you" })).await;
    assert_eq!(
        seen.all(),
        ["server in", "group in", "group out", "server out"]
    );
}
