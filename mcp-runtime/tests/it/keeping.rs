//! Results that are kept, and given to calls that are the same.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_runtime::{
    Access, CallError, Content, Context, Principal, Raw, Server, State, handlers,
    layer::CacheLayer,
    resource,
    rmcp::model::{CallToolResult, ContentBlock, MetaObject},
    serde_json::{Map, json},
    testing::{Protocol, TestClient},
    tool,
};
use tokio::sync::Semaphore;

/// How often handlers have run.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

impl Runs {
    fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Looks something up.
#[tool(read_only, idempotent, cache = "1h")]
fn lookup(runs: State<Runs>, word: String, #[arg(default = 1)] depth: u32) -> String {
    format!("{word}/{depth}: {}", runs.add())
}

/// Looks up what is the same for all.
#[tool(read_only, idempotent, cache(ttl = "1h", public))]
fn weather(runs: State<Runs>) -> usize {
    runs.add()
}

/// A page.
#[resource("page://{number}", cache = "1h")]
fn page(runs: State<Runs>, number: u32) -> String {
    format!("page {number}: {}", runs.add())
}

/// Fails.
#[tool(read_only, idempotent, cache = "1h")]
fn failing(runs: State<Runs>) -> Result<(), CallError> {
    Err(CallError::new(runs.add()))
}

/// Answers with a failure.
#[tool(read_only, idempotent, cache = "1h")]
fn failed(runs: State<Runs>) -> Raw {
    let text = runs.add().to_string();
    Raw(CallToolResult::error(vec![ContentBlock::text(text)]))
}

/// Answers with something for this request.
#[tool(read_only, idempotent, cache = "1h")]
fn with_meta(runs: State<Runs>) -> Raw {
    let text = runs.add().to_string();
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.meta = Some(MetaObject(Map::from_iter([(
        "example.com/a".to_owned(),
        json!(1),
    )])));
    Raw(result)
}

/// Tells what it does.
#[tool(read_only, idempotent, cache = "1h")]
async fn telling(ctx: Context, runs: State<Runs>) {
    ctx.emit(runs.add().to_string()).await;
}

/// Asks somebody.
#[tool(read_only, idempotent, cache = "1h")]
async fn asking(ctx: Context, runs: State<Runs>) -> Result<String, CallError> {
    let name: Name = ctx.elicit("name", "Who are you?").await?;
    Ok(format!("{} {}", name.name, runs.add()))
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Name {
    name: String,
}

fn server(runs: &Runs) -> Server {
    Server::new("example", "1.0.0")
        .state(runs.clone())
        .add(handlers![
            lookup, weather, page, failing, failed, with_meta, telling, asking
        ])
}

async fn connect() -> (TestClient, Runs) {
    let runs = Runs::default();
    (TestClient::connect(server(&runs)).await, runs)
}

#[tokio::test]
async fn the_same_call_is_answered_with_what_is_kept() {
    for protocol in [Protocol::default(), Protocol::LEGACY] {
        let runs = Runs::default();
        let client = TestClient::connect_as(server(&runs), protocol).await;
        let first = client
            .call("lookup", json!({ "word": "a", "depth": 2 }))
            .await;
        let again = client
            .call("lookup", json!({ "depth": 2.0, "word": "a" }))
            .await;
        assert_eq!(first.text(), "a/2: 1");
        assert_eq!(first.raw(), again.raw());
        assert_eq!(
            client.call("lookup", json!({ "word": "b" })).await.text(),
            "b/1: 2"
        );
        assert_eq!(client.read("page://1").await.text(), "page 1: 3");
        assert_eq!(client.read("page://1").await.text(), "page 1: 3");
        assert_eq!(client.read("page://2").await.text(), "page 2: 4");
    }
}

#[tokio::test]
async fn every_caller_has_results_of_its_own_unless_they_are_public() {
    let (client, runs) = connect().await;
    let alice = Principal::new("alice").with_scope("files:read");
    for (principal, lookups) in [
        (None, 1),
        (Some(alice.clone()), 2),
        (Some(alice.clone().with_scope("files:write")), 3),
        (Some(alice.clone().with_claim("tenant", 1)), 4),
        (Some(Principal::new("bob")), 5),
        // Another token of the same person.
        (
            Some(alice.clone().with_claim("exp", 1).with_claim("jti", "x")),
            5,
        ),
        (Some(alice), 5),
        (None, 5),
    ] {
        client.set_principal(principal);
        client.call("lookup", json!({ "word": "a" })).await;
        assert_eq!(runs.count(), lookups);
    }
    client.call("weather", ()).await;
    client.set_principal(Principal::new("carol"));
    client.call("weather", ()).await;
    assert_eq!(runs.count(), 6);
}

#[tokio::test]
async fn what_is_for_one_call_alone_is_not_kept() {
    for protocol in [Protocol::default(), Protocol::LEGACY] {
        let runs = Runs::default();
        let client = TestClient::connect_as(server(&runs), protocol).await;
        client.answer("name", json!({ "name": "Ada" }));
        for tool in ["failing", "failed", "with_meta", "telling", "asking"] {
            let before = runs.count();
            for run in 1..=2 {
                let result = client.call(tool, ()).await;
                let text = result.text();
                let number = text.split(' ').next_back().unwrap();
                assert_eq!(number, (before + run).to_string(), "{tool} on {protocol:?}");
            }
        }
    }
}

/// Waits for a permit, and fails if it is told to.
#[tool(read_only, idempotent, cache = "1h")]
async fn slow(runs: State<Runs>, gate: State<Gate>) -> Result<usize, CallError> {
    let run = runs.add();
    gate.open.acquire().await?.forget();
    if gate.fails.load(Ordering::SeqCst) {
        return Err(CallError::new("no"));
    }
    Ok(run)
}

struct Gate {
    open: Arc<Semaphore>,
    fails: AtomicBool,
}

fn slow_server(runs: &Runs, fails: bool) -> (Server, Arc<Semaphore>) {
    let open = Arc::new(Semaphore::new(0));
    let gate = Gate {
        open: Arc::clone(&open),
        fails: fails.into(),
    };
    let server = Server::new("example", "1.0.0")
        .state(runs.clone())
        .state(gate);
    (server.add(handlers![slow]), open)
}

/// Waits until handlers have run so often.
async fn until(runs: &Runs, count: usize) {
    while runs.count() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn of_several_calls_at_once_one_runs() {
    let runs = Runs::default();
    let (server, open) = slow_server(&runs, false);
    let client = TestClient::connect(server).await;
    let mut calls = Vec::new();
    for _ in 0..10 {
        calls.push(client.start("slow", ()).await);
    }
    until(&runs, 1).await;
    open.add_permits(1);
    for call in calls {
        assert_eq!(call.result().await.unwrap().structured::<usize>(), 1);
    }
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_take_the_others_with_it() {
    let runs = Runs::default();
    let (server, open) = slow_server(&runs, false);
    let client = TestClient::connect(server).await;
    let first = client.start("slow", ()).await;
    until(&runs, 1).await;
    let second = client.start("slow", ()).await;
    let third = client.start("slow", ()).await;
    first.cancel().await;
    until(&runs, 2).await;
    open.add_permits(1);
    assert_eq!(second.result().await.unwrap().structured::<usize>(), 2);
    assert_eq!(third.result().await.unwrap().structured::<usize>(), 2);
    assert_eq!(runs.count(), 2);
}

#[tokio::test]
async fn when_the_first_fails_the_others_run_themselves() {
    let runs = Runs::default();
    let (server, open) = slow_server(&runs, true);
    let client = TestClient::connect(server).await;
    let first = client.start("slow", ()).await;
    until(&runs, 1).await;
    let second = client.start("slow", ()).await;
    open.add_permits(2);
    assert!(first.result().await.unwrap().is_error());
    assert!(second.result().await.unwrap().is_error());
    assert_eq!(runs.count(), 2);
}

#[tokio::test]
async fn what_is_kept_is_not_given_to_who_may_not_make_the_call() {
    /// Reads a secret.
    #[tool(read_only, idempotent, scopes("secrets"), cache(ttl = "1h", public))]
    fn secret(runs: State<Runs>) -> usize {
        runs.add()
    }

    /// Reads a number, but never the seventh.
    #[tool(read_only, idempotent, guard = not_seven, cache(ttl = "1h", public))]
    fn number(runs: State<Runs>, number: u32) -> usize {
        runs.add();
        usize::try_from(number).unwrap()
    }

    fn not_seven(access: &Access<'_>) -> bool {
        let seven = access
            .arguments()
            .is_some_and(|arguments| arguments["number"] == 7);
        !seven || access.principal().is_some()
    }

    let runs = Runs::default();
    let server = Server::new("example", "1.0.0").state(runs.clone());
    let client = TestClient::connect(server.add(handlers![secret, number])).await;
    client.set_principal(Principal::new("alice").with_scope("secrets"));
    assert_eq!(client.call("secret", ()).await.structured::<usize>(), 1);
    assert_eq!(
        client
            .call("number", json!({ "number": 7 }))
            .await
            .structured::<usize>(),
        7
    );
    client.set_principal(None);
    assert!(client.try_call("secret", ()).await.is_err());
    assert!(
        client
            .try_call("number", json!({ "number": 7 }))
            .await
            .is_err()
    );
    assert_eq!(runs.count(), 2);
}

/// Writes something.
#[tool(idempotent)]
fn write(runs: State<Runs>) -> usize {
    runs.add()
}

/// Reads something large.
#[tool(read_only)]
fn large(runs: State<Runs>, part: u32) -> Content {
    let run = runs.add();
    Content::text(format!("{part} {run} {}", "x".repeat(1000)))
}

#[tokio::test]
async fn a_layer_keeps_what_only_reads_and_no_more_than_its_bytes() {
    let runs = Runs::default();
    let layer = CacheLayer::new(Duration::from_secs(3600)).max_bytes(3000);
    let server = Server::new("example", "1.0.0")
        .state(runs.clone())
        .layer(layer);
    let client = TestClient::connect(server.add(handlers![write, large])).await;
    client.call("write", ()).await;
    client.call("write", ()).await;
    assert_eq!(runs.count(), 2);
    for _ in 0..2 {
        client.call("large", json!({ "part": 0 })).await;
    }
    assert_eq!(runs.count(), 3);
    // Two have room; three of ten are never among what is kept.
    for _ in 0..5 {
        for part in 0..10 {
            client.call("large", json!({ "part": part })).await;
        }
    }
    assert!(runs.count() > 3 + 5 * 7, "{} runs", runs.count());
}

#[tokio::test]
async fn what_is_kept_is_forgotten_after_its_time() {
    let runs = Runs::default();
    let layer = CacheLayer::new(Duration::from_millis(1));
    let server = Server::new("example", "1.0.0")
        .state(runs.clone())
        .layer(layer);
    let client = TestClient::connect(server.add(handlers![large])).await;
    while runs.count() < 2 {
        client.call("large", json!({ "part": 0 })).await;
    }
}
