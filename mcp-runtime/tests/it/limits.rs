//! How often handlers may be called, and how many calls run at once.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_runtime::{
    Context, Principal, Server, State, group, handlers,
    layer::CallRequest,
    limit::{ConcurrencyLayer, Decision, Memory, Rate, RateLayer, Store, Taken},
    prompt, resource,
    serde_json::json,
    testing::{Protocol, TestClient},
    tool,
};
use tokio::sync::Semaphore;

/// Does something that each caller may have done five times a second.
#[tool(rate = "5/s")]
fn limited() -> &'static str {
    "done"
}

/// Does something twice a second at most, but four times at first.
#[tool(rate = "2/s burst 4")]
fn bursting() -> &'static str {
    "done"
}

/// Does something as often as one likes.
#[tool]
fn free() -> &'static str {
    "done"
}

/// The news.
#[resource("news://today", rate = "1/m")]
fn news() -> &'static str {
    "nothing new"
}

/// Says hello.
#[prompt(rate = "1/m")]
fn hello() -> &'static str {
    "hello"
}

/// Calls the limited tool six times.
#[tool]
async fn calls(ctx: Context) -> Result<(), mcp_runtime::CallError> {
    for _ in 0..6 {
        ctx.call_tool("limited", ()).await?;
    }
    Ok(())
}

fn server() -> Server {
    Server::new("example", "1.0.0").add(handlers![limited, bursting, free, news, hello, calls])
}

async fn connect(server: Server) -> TestClient {
    TestClient::connect(server).await
}

#[tokio::test(start_paused = true)]
async fn a_call_over_the_limit_is_told_when_to_try_again() {
    for protocol in [Protocol::default(), Protocol::LEGACY] {
        let client = TestClient::connect_as(server(), protocol).await;
        for _ in 0..5 {
            assert_eq!(client.call("limited", ()).await.text(), "done");
        }
        let refused = client.call("limited", ()).await;
        assert_eq!(
            refused.error(),
            "too many calls of `limited`: try again in 0.2 s"
        );
        let expected = json!({
            "kind": "rate_limited", "retryable": true, "retryAfterMs": 200, "retry_after": 0.2,
        });
        assert_eq!(refused.raw()["_meta"]["mcp-runtime/error"], expected);
        assert_eq!(client.call("free", ()).await.text(), "done");
        tokio::time::advance(Duration::from_millis(200)).await;
        assert_eq!(client.call("limited", ()).await.text(), "done");
        assert!(client.call("limited", ()).await.is_error());
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_what_goes_through_at_once() {
    let client = connect(server()).await;
    for _ in 0..4 {
        assert!(!client.call("bursting", ()).await.is_error());
    }
    let refused = client.call("bursting", ()).await;
    assert_eq!(
        refused.raw()["_meta"]["mcp-runtime/error"]["retry_after"],
        0.5
    );
}

#[tokio::test(start_paused = true)]
async fn resources_and_prompts_have_rates_too() {
    let client = connect(server()).await;
    assert_eq!(client.read("news://today").await.text(), "nothing new");
    let refused = client.try_read("news://today").await.unwrap_err();
    assert_eq!(refused.kind(), Some("rate_limited"));
    assert_eq!(
        refused.message,
        "too many calls of `news`: try again in 60 s"
    );
    assert_eq!(client.prompt("hello", ()).await.text(), "hello");
    let refused = client.try_prompt("hello", ()).await.unwrap_err();
    assert_eq!(refused.kind(), Some("rate_limited"));
    assert_eq!(refused.data.unwrap()["error"]["retry_after"], 60.0);
}

#[tokio::test(start_paused = true)]
async fn each_caller_has_a_bucket_of_its_own() {
    let client = connect(server()).await;
    for principal in [
        None,
        Some(Principal::new("alice")),
        Some(Principal::new("bob")),
    ] {
        client.set_principal(principal);
        for _ in 0..5 {
            assert!(!client.call("limited", ()).await.is_error());
        }
        assert!(client.call("limited", ()).await.is_error());
    }
    // The same subject, of somebody else.
    client.set_principal(Principal::new("alice").with_claim("iss", "https://other.test"));
    assert!(!client.call("limited", ()).await.is_error());
    client.set_principal(Principal::new("alice").with_issuer("https://other.test"));
    assert!(!client.call("limited", ()).await.is_error());
    client.set_principal(Principal::new("i18:https://other.testp5:alice"));
    assert!(!client.call("limited", ()).await.is_error());
    // The same one, with other rights.
    client.set_principal(Principal::new("bob").with_scope("more"));
    assert!(client.call("limited", ()).await.is_error());
}

#[tokio::test(start_paused = true)]
async fn lists_do_not_count_and_calls_of_handlers_do() {
    let server = server().layer(RateLayer::new(Rate::per_hour(7)));
    let client = connect(server).await;
    for _ in 0..10 {
        assert_eq!(client.tools().await.len(), 4);
    }
    // One that makes six.
    let failed = client.call("calls", ()).await;
    assert_eq!(
        failed.error(),
        "too many calls of `limited`: try again in 0.2 s"
    );
    let refused = client.call("free", ()).await;
    assert_eq!(
        refused.error(),
        "too many calls of `free`: try again in 9 min"
    );
}

#[tokio::test(start_paused = true)]
async fn the_calls_of_a_group_count_together_or_by_any_pair() {
    let tenant = |request: &CallRequest| request.arguments()["tenant"].to_string();
    for (layer, calls, allowed) in [
        (RateLayer::new(Rate::per_hour(2)), ["a x", "b x", "a y"], 2),
        (
            RateLayer::new(Rate::per_hour(2)).cost(2),
            ["a x", "b x", "a y"],
            1,
        ),
        (
            RateLayer::new(Rate::per_hour(1)).per_handler(),
            ["a x", "b x", "a y"],
            2,
        ),
        (
            RateLayer::new(Rate::per_hour(1)).by(tenant),
            ["a x", "b x", "a y"],
            2,
        ),
        (
            RateLayer::new(Rate::per_hour(1)).by(tenant).per_handler(),
            ["a x", "b x", "a y"],
            3,
        ),
        (
            RateLayer::new(Rate::per_hour(1)).by(tenant).per_caller(),
            ["a x", "a x", "a y"],
            2,
        ),
    ] {
        let told = format!("{layer:?}");
        let client =
            connect(Server::new("example", "1.0.0").add(handlers![a, b].layer(layer))).await;
        let mut done = 0;
        for call in calls {
            let (tool, tenant) = call.split_once(' ').unwrap();
            let result = client.call(tool, json!({ "tenant": tenant })).await;
            done += usize::from(!result.is_error());
        }
        assert_eq!(done, allowed, "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn layers_of_the_same_rate_have_buckets_of_their_own_unless_they_have_one_name() {
    let one = || RateLayer::new(Rate::per_hour(1));
    let client = async |first: RateLayer, second: RateLayer| {
        let server = Server::new("example", "1.0.0");
        let server = server.add(handlers![a].layer(first));
        connect(server.add(handlers![b].layer(second))).await
    };
    for (client, refused) in [
        (
            client(one(), RateLayer::new(Rate::per_hour(1))).await,
            false,
        ),
        (client(one().named("x"), one().named("x")).await, true),
    ] {
        let tenant = json!({ "tenant": "x" });
        assert!(!client.call("a", &tenant).await.is_error());
        assert_eq!(client.call("b", &tenant).await.is_error(), refused);
    }
}

/// Does something for a tenant.
#[tool]
fn a(tenant: String) -> String {
    tenant
}

/// Does something else for a tenant.
#[tool]
fn b(tenant: String) -> String {
    tenant
}

/// A store that is asked, and says what it is told to.
struct Scripted {
    decision: Decision,
    keys: Arc<Mutex<Vec<String>>>,
}

impl Store for Scripted {
    fn take<'a>(&'a self, key: &'a str, rate: Rate, cost: u32) -> Taken<'a> {
        assert_eq!((rate, cost), (Rate::per_second(5), 1));
        self.keys.lock().unwrap().push(key.to_owned());
        Box::pin(std::future::ready(self.decision))
    }
}

#[tokio::test]
async fn the_store_of_the_server_decides() {
    let keys = Arc::<Mutex<_>>::default();
    let store = Scripted {
        decision: Decision::Unavailable {
            retry_after: Duration::from_millis(1500),
        },
        keys: Arc::clone(&keys),
    };
    let client = connect(server().rate_store(store)).await;
    let refused = client.call("limited", ()).await;
    assert_eq!(refused.error_kind(), Some("rate_unknown"));
    assert_eq!(
        refused.error(),
        "nobody can say at the moment how many calls there have been: try again in 1.5 s"
    );
    client.set_principal(Principal::new("alice"));
    client.call("limited", ()).await;
    let keys = keys.lock().unwrap();
    assert!(
        keys[0].contains("example") && keys[0].contains("limited"),
        "{keys:?}"
    );
    assert!(keys[1].contains("alice") && keys[0] != keys[1], "{keys:?}");
}

#[tokio::test(start_paused = true)]
async fn a_layer_can_have_a_store_of_its_own() {
    let own = || RateLayer::new(Rate::per_hour(1)).store(Memory::bounded(10));
    let client = connect(server().layer(own()).layer(own())).await;
    assert!(!client.call("free", ()).await.is_error());
    assert!(client.call("free", ()).await.is_error());
}

struct Desk(&'static str);

#[group]
impl Desk {
    /// Asks somebody.
    #[tool(rate = "1/h")]
    fn ask(&self) -> &'static str {
        self.0
    }
}

#[tokio::test(start_paused = true)]
async fn methods_have_rates_too() {
    let client = connect(Server::new("example", "1.0.0").add(Desk("done"))).await;
    assert_eq!(client.call("ask", ()).await.text(), "done");
    assert_eq!(
        client.call("ask", ()).await.error_kind(),
        Some("rate_limited")
    );
}

/// How many calls run, how many have been at once at most, and when they may end.
struct Running {
    now: AtomicUsize,
    most: AtomicUsize,
    end: Semaphore,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            end: Semaphore::new(0),
        }
    }
}

/// Works until it may end.
#[tool]
async fn work(running: State<Running>) {
    let now = running.now.fetch_add(1, Ordering::SeqCst) + 1;
    running.most.fetch_max(now, Ordering::SeqCst);
    running.end.acquire().await.unwrap().forget();
    running.now.fetch_sub(1, Ordering::SeqCst);
}

/// Lets works end.
#[tool]
fn end(running: State<Running>, works: usize) {
    running.end.add_permits(works);
}

/// The most works at once so far.
#[tool]
fn most(running: State<Running>) -> usize {
    running.most.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn only_so_many_calls_of_a_caller_run_and_wait() {
    let layer = ConcurrencyLayer::new(2).queue(2).per_caller();
    let server = Server::new("example", "1.0.0")
        .state(Running::default())
        .add(handlers![work].layer(layer))
        .add(handlers![end, most]);
    let client = connect(server).await;
    let mut works = Vec::new();
    for _ in 0..4 {
        works.push(client.start("work", ()).await);
    }
    // Requests of one connection begin in order, so that the four are there already.
    let refused = client.call("work", ()).await;
    assert_eq!(refused.error_kind(), Some("overloaded"));
    assert_eq!(
        refused.error(),
        "`work` has too much to do at the moment: try again later"
    );
    client.set_principal(Principal::new("alice"));
    let other = client.start("work", ()).await;
    client.call("end", json!({ "works": 5 })).await;
    for work in works.into_iter().chain([other]) {
        assert!(!work.result().await.unwrap().is_error());
    }
    assert!(client.call("most", ()).await.structured::<usize>() <= 3);
    assert!(client.call("most", ()).await.structured::<usize>() >= 2);
}

/// Calls itself, and then the free tool.
#[tool(timeout = "5s")]
async fn descends(ctx: Context, depth: u8) -> Result<String, mcp_runtime::CallError> {
    let below = match depth.checked_sub(1) {
        Some(depth) => ctx.call_tool("descends", json!({ "depth": depth })).await?,
        None => ctx.call_tool("free", ()).await?,
    };
    Ok(below.text())
}

#[tokio::test(start_paused = true)]
async fn an_inner_call_does_not_wait_for_the_place_of_an_outer_one() {
    for layer in [
        ConcurrencyLayer::new(1).queue(4),
        ConcurrencyLayer::new(1).queue(4).per_handler(),
        ConcurrencyLayer::new(1),
    ] {
        let handlers = handlers![descends, free].layer(layer);
        let client = connect(Server::new("example", "1.0.0").add(handlers)).await;
        for depth in [0, 3] {
            let called = client.call("descends", json!({ "depth": depth })).await;
            assert_eq!(called.text(), "done");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_belongs_to_no_other_waits_as_before() {
    let layer = ConcurrencyLayer::new(1);
    let gate = Arc::new(Semaphore::new(0));
    let server = Server::new("example", "1.0.0")
        .state(Arc::clone(&gate))
        .add(handlers![outer, inner, free].layer(layer));
    let client = connect(server).await;
    let outer = client.start("outer", ()).await;
    while client.call("free", ()).await.error_kind() != Some("overloaded") {}
    gate.add_permits(1);
    assert_eq!(outer.result().await.unwrap().text(), "done");
    assert_eq!(client.call("free", ()).await.text(), "done");
}

/// Calls the inner tool.
#[tool]
async fn outer(ctx: Context) -> Result<String, mcp_runtime::CallError> {
    Ok(ctx.call_tool("inner", ()).await?.text())
}

/// Waits for the test.
#[tool]
async fn inner(gate: State<Arc<Semaphore>>) -> Result<&'static str, mcp_runtime::CallError> {
    gate.acquire().await?.forget();
    Ok("done")
}
