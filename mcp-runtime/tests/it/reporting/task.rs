//! Tasks of a call, and the context of the call that runs.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use mcp_runtime::{
    Context, Server, State, handlers, prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::json;

use super::{done, in_every_revision};

/// How many tasks there are.
#[derive(Clone, Default)]
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn one_more(&self) -> One {
        self.0.fetch_add(1, Ordering::SeqCst);
        One(self.clone())
    }
}

struct One(Alive);

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn spawn_forever(ctx: &Context, alive: &Alive) {
    for _ in 0..3 {
        let one = alive.one_more();
        ctx.spawn(async move {
            let _one = one;
            std::future::pending::<()>().await;
        });
    }
}

/// Returns while its tasks run.
#[tool]
async fn leave(ctx: Context, alive: State<Alive>) {
    spawn_forever(&ctx, &alive);
    tokio::task::yield_now().await;
}

/// Panics while its tasks run.
#[tool]
async fn stumble(ctx: Context, alive: State<Alive>) {
    spawn_forever(&ctx, &alive);
    panic!("on purpose");
}

/// Is late while its tasks run.
#[tool(timeout = "1ms")]
async fn late(ctx: Context, alive: State<Alive>) {
    spawn_forever(&ctx, &alive);
    std::future::pending::<()>().await;
}

/// Waits while its tasks run.
#[tool]
async fn wait(ctx: Context, alive: State<Alive>) {
    spawn_forever(&ctx, &alive);
    ctx.progress(1, 0, "").await;
    std::future::pending::<()>().await;
}

/// Waits for its task.
#[tool]
async fn join(ctx: Context, number: u32) -> Option<u32> {
    ctx.spawn(async move { number + 1 }).await.ok()
}

fn id() -> Option<String> {
    Some(Context::current()?.request_id())
}

/// Says which call it is in, everywhere.
#[tool]
async fn current(ctx: Context) -> Vec<Option<String>> {
    let mut ids = vec![Some(ctx.request_id()), id()];
    tokio::task::yield_now().await;
    ids.push(id());
    ids.push(ctx.spawn(async { id() }).await.unwrap());
    let nested = async {
        let ctx = Context::current().unwrap();
        ctx.spawn(async {
            tokio::task::yield_now().await;
            id()
        })
        .await
        .unwrap()
    };
    ids.push(ctx.spawn(nested).await.unwrap());
    ids.push(tokio::spawn(async { id() }).await.unwrap());
    ids
}

/// Says which call it is in.
#[tool]
fn plain() -> bool {
    id().is_some()
}

/// Says which call it is in.
#[resource("current://call")]
fn current_of_a_resource() -> String {
    format!("{}", id().is_some())
}

/// Says which call it is in.
#[prompt]
async fn current_of_a_prompt() -> String {
    format!("{}", id().is_some())
}

/// Reports without a parameter for it.
#[tool]
async fn report() {
    if let Some(ctx) = Context::current() {
        ctx.progress(1, 1, "").await;
    }
}

fn server(alive: Alive) -> Server {
    Server::new("reporting", "1").state(alive).add(handlers![
        leave,
        stumble,
        late,
        wait,
        join,
        current,
        plain,
        current_of_a_resource,
        current_of_a_prompt,
        report
    ])
}

/// Lets everybody have a turn.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_end_with_their_call_whatever_its_end_is() {
    for protocol in Protocol::ALL {
        let alive = Alive::default();
        let client = TestClient::connect_as(server(alive.clone()), *protocol).await;
        for tool in ["leave", "stumble", "late"] {
            client.call(tool, ()).await;
            settle().await;
            assert_eq!(alive.count(), 0, "{tool}");
        }
        let mut call = client.start("wait", ()).await;
        call.next_progress().await.unwrap();
        assert_eq!(alive.count(), 3);
        call.cancel().await;
        settle().await;
        assert_eq!(alive.count(), 0);
        let mut call = client.start("wait", ()).await;
        call.next_progress().await.unwrap();
        client.close().await;
        settle().await;
        assert_eq!(alive.count(), 0);
    }
}

#[tokio::test]
async fn a_task_has_a_result() {
    in_every_revision(
        || server(Alive::default()),
        async |client| {
            let result = client.call("join", json!({ "number": 1 })).await;
            assert_eq!(result.structured::<u32>(), 2);
        },
    )
    .await;
}

#[tokio::test]
async fn the_current_context_is_that_of_the_call_and_of_its_tasks_alone() {
    assert!(Context::current().is_none());
    in_every_revision(
        || server(Alive::default()),
        async |client| {
            let (one, other) = tokio::join!(client.call("current", ()), client.call("current", ()));
            for result in [&one, &other] {
                let mut ids = result.structured::<Vec<Option<String>>>();
                assert_eq!(ids.pop(), Some(None), "any other task has none");
                assert_eq!(ids.len(), 5);
                assert!(
                    ids.iter().all(|id| id.is_some() && *id == ids[0]),
                    "{ids:?}"
                );
            }
            assert!(client.call("plain", ()).await.structured::<bool>());
            assert_eq!(client.read("current://call").await.text(), "true");
            let prompt = client.prompt("current_of_a_prompt", ()).await;
            assert_eq!(prompt.raw()["messages"][0]["content"]["text"], "true");
            assert_eq!(done(client.call("report", ()).await.progress()), [1.0]);
            assert!(Context::current().is_none());
        },
    )
    .await;
}
