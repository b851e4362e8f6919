//! Progress: at the pace of the client, upwards only, nothing after the end.

use std::time::Duration;

use mcp_runtime::{Context, Server, State, handlers, tool};
use tokio::time::sleep;

use super::{Leak, call_with, done, in_every_revision, messages};

/// Takes a step every millisecond.
#[tool]
async fn walk(ctx: Context) {
    for step in 1..=200 {
        ctx.progress(step, 200, format!("step {step}")).await;
        sleep(Duration::from_millis(1)).await;
    }
}

/// Takes some steps at once.
#[tool]
async fn jump(ctx: Context) {
    ctx.progress(0.5, 0, "half").await;
    ctx.progress(2, 3, "two").await;
    ctx.progress(3, 3, "three").await;
}

/// Takes two steps at once, and is silent then.
#[tool]
async fn think(ctx: Context) {
    ctx.progress(1, 2, "one").await;
    ctx.progress(2, 2, "two").await;
    std::future::pending::<()>().await;
}

/// Takes two steps at once, and is late.
#[tool(timeout = "1ms")]
async fn late(ctx: Context) {
    ctx.progress(1, 2, "one").await;
    ctx.progress(2, 2, "two").await;
    std::future::pending::<()>().await;
}

/// Takes two steps at once, and panics.
#[tool]
async fn stumble(ctx: Context) {
    ctx.progress(1, 2, "one").await;
    ctx.progress(2, 2, "two").await;
    panic!("on purpose");
}

/// Takes steps that are none.
#[tool]
async fn stagger(ctx: Context) {
    for step in [2.0, 2.0, 1.0, f64::NAN, f64::INFINITY, -3.0, 2.5] {
        ctx.progress(step, f64::NAN, "").await;
    }
}

/// Takes steps in tasks, beside each other.
#[tool]
async fn run(ctx: Context) {
    let runners = (0..4).map(|_| {
        let runner = ctx.clone();
        ctx.spawn(async move {
            for step in 1..=100 {
                runner.progress(step, 100, "").await;
                tokio::task::yield_now().await;
            }
        })
    });
    for runner in runners.collect::<Vec<_>>() {
        runner.await.unwrap();
    }
}

/// Takes a step in a task while it sleeps itself.
#[tool]
async fn sleepwalk(ctx: Context) {
    let walker = ctx.clone();
    ctx.spawn(async move {
        sleep(Duration::from_secs(1)).await;
        walker.progress(1, 3, "one").await;
        walker.progress(2, 3, "two").await;
    });
    std::future::pending::<()>().await;
}

/// Gives its context away.
#[tool]
async fn leak(ctx: Context, leak: State<Leak>) {
    Leak::keep(&leak, &ctx);
    ctx.progress(1, 0, "").await;
}

/// Gives its context away, and waits.
#[tool]
async fn leak_and_wait(ctx: Context, leak: State<Leak>) {
    Leak::keep(&leak, &ctx);
    ctx.progress(1, 0, "").await;
    std::future::pending::<()>().await;
}

/// Gives its context away, and panics.
#[tool]
fn leak_and_panic(ctx: Context, leak: State<Leak>) {
    Leak::keep(&leak, &ctx);
    panic!("on purpose");
}

fn server() -> Server {
    leaking(Leak::default())
}

fn leaking(leaks: Leak) -> Server {
    Server::new("reporting", "1")
        .state(leaks)
        .client_logging(true)
        .add(handlers![
            walk,
            jump,
            think,
            late,
            stumble,
            stagger,
            run,
            sleepwalk,
            leak,
            leak_and_wait,
            leak_and_panic
        ])
}

#[tokio::test(start_paused = true)]
async fn a_client_is_told_at_most_once_in_an_interval() {
    in_every_revision(server, async |client| {
        let result = client.call("walk", ()).await;
        let steps = done(result.progress());
        // 200 milliseconds, 20 at a time, and the last one.
        assert!((9..=12).contains(&steps.len()), "{steps:?}");
        assert_eq!((steps.first(), steps.last()), (Some(&1.0), Some(&200.0)));
        assert!(steps.is_sorted());
        let hurried = steps.windows(2).filter(|two| two[1] - two[0] < 20.0);
        assert!(hurried.count() <= 1, "only the last one may: {steps:?}");
        assert_eq!(
            result.progress().last().unwrap().message.as_deref(),
            Some("step 200")
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_interval_is_the_servers() {
    let rare = || server().progress_interval(Duration::from_secs(1));
    in_every_revision(rare, async |client| {
        assert_eq!(done(client.call("walk", ()).await.progress()), [1.0, 200.0]);
    })
    .await;
    let never = || server().progress_interval(Duration::MAX);
    in_every_revision(never, async |client| {
        assert_eq!(done(client.call("walk", ()).await.progress()), [1.0, 200.0]);
    })
    .await;
    let always = || server().progress_interval(Duration::ZERO);
    in_every_revision(always, async |client| {
        let result = client.call("walk", ()).await;
        let all: Vec<_> = (1..=200).map(f64::from).collect();
        assert_eq!(done(result.progress()), all);
    })
    .await;
}

#[tokio::test]
async fn the_last_step_comes_before_the_answer() {
    in_every_revision(server, async |client| {
        let result = client.call("jump", ()).await;
        assert_eq!(done(result.progress()), [0.5, 3.0]);
        assert_eq!(messages(result.progress()), ["half", "three"]);
        assert_eq!(result.progress()[1].total, Some(3.0));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_step_is_sent_while_the_handler_is_silent() {
    in_every_revision(server, async |client| {
        for tool in ["think", "sleepwalk"] {
            let mut call = client.start(tool, ()).await;
            let first = call.next_progress().await.unwrap();
            let told = tokio::time::Instant::now();
            let second = call.next_progress().await.unwrap();
            assert_eq!(done(&[first, second]), [1.0, 2.0]);
            let waited = told.elapsed().as_millis();
            assert!((20..=22).contains(&waited), "{waited} ms");
            call.cancel().await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_last_step_comes_before_the_end_of_a_call_that_is_late() {
    in_every_revision(server, async |client| {
        let result = client.call("late", ()).await;
        assert!(result.is_error());
        assert_eq!(done(result.progress()), [1.0, 2.0]);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_for_a_call_that_panicked() {
    in_every_revision(server, async |client| {
        let result = client.call("stumble", ()).await;
        assert!(result.is_error());
        assert_eq!(done(result.progress()), [1.0]);
    })
    .await;
}

#[tokio::test]
async fn progress_only_goes_up() {
    let server = || server().progress_interval(Duration::ZERO);
    in_every_revision(server, async |client| {
        let result = client.call("stagger", ()).await;
        assert_eq!(done(result.progress()), [2.0, 2.5]);
        assert!(result.progress().iter().all(|step| step.total.is_none()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn progress_goes_up_in_many_tasks_as_well() {
    for interval in [Duration::ZERO, Duration::from_micros(100)] {
        let server = || server().progress_interval(interval);
        in_every_revision(server, async |client| {
            let result = client.call("run", ()).await;
            let steps = done(result.progress());
            assert!(steps.windows(2).all(|two| two[0] < two[1]), "{steps:?}");
            assert_eq!(steps.last(), Some(&100.0));
        })
        .await;
    }
}

#[tokio::test]
async fn a_client_that_did_not_ask_is_told_nothing() {
    in_every_revision(server, async |client| {
        for tool in ["walk", "jump", "leak"] {
            call_with(client, tool, serde_json::json!({})).await;
        }
        assert_eq!(client.notifications(), []);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_told_after_the_end() {
    for protocol in mcp_runtime::testing::Protocol::ALL {
        for interval in [0, 20] {
            let leaks = Leak::default();
            let server = leaking(leaks.clone()).progress_interval(Duration::from_millis(interval));
            let client = mcp_runtime::testing::TestClient::connect_as(server, *protocol).await;
            assert_eq!(client.call("leak", ()).await.progress().len(), 1);
            leaks.tell().await;
            assert!(client.call("leak_and_panic", ()).await.is_error());
            leaks.tell().await;
            let mut call = client.start("leak_and_wait", ()).await;
            call.next_progress().await.unwrap();
            call.cancel().await;
            leaks.tell().await;
            // Whatever was sent is there before this is answered.
            client.call("leak", ()).await;
            assert_eq!(client.notifications().len(), 3);
            client.close().await;
            leaks.tell().await;
        }
    }
}
