//! Handlers that depend on something that may be down: circuit breakers and retries.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use mcp_runtime::{
    CallError, Handlers, Server, State, handlers,
    layer::{BreakerLayer, RetryPolicy},
    testing::TestClient,
    tool,
};
use serde_json::json;
use tokio::time::Instant;
use tower::{retry::RetryLayer, timeout::TimeoutLayer};

/// What a call comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Works,
    Breaks,
    IsBusy,
    Refuses,
    Hangs,
}
use Act::{Breaks, Hangs, IsBusy, Refuses, Works};

/// What the next calls come to, and when they came.
#[derive(Clone, Default)]
struct Play(Arc<Mutex<(VecDeque<Act>, Vec<Instant>)>>);

impl Play {
    fn next(&self) -> Act {
        let mut play = self.0.lock().unwrap();
        play.1.push(Instant::now());
        play.0.pop_front().unwrap_or(Works)
    }

    fn write(&self, acts: &[Act]) {
        *self.0.lock().unwrap() = (acts.iter().copied().collect(), Vec::new());
    }

    /// How many calls there have been.
    fn calls(&self) -> usize {
        self.0.lock().unwrap().1.len()
    }

    /// The times between the calls.
    fn pauses(&self) -> Vec<Duration> {
        let calls = self.0.lock().unwrap().1.clone();
        calls.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

async fn act(play: &Play) -> Result<&'static str, CallError> {
    match play.next() {
        Works => Ok("fine"),
        Breaks => Err(CallError::internal("the connection is broken")),
        IsBusy => Err(CallError::new("busy").retry_after(Duration::from_millis(300))),
        Refuses => Err(CallError::new("there is no such city")),
        Hangs => std::future::pending().await,
    }
}

/// Reads something elsewhere.
#[tool(read_only)]
async fn fetch(play: State<Play>) -> Result<&'static str, CallError> {
    act(&play).await
}

/// Changes something elsewhere.
#[tool]
async fn change(play: State<Play>) -> Result<&'static str, CallError> {
    act(&play).await
}

async fn connect(handlers: Handlers) -> (TestClient, Play) {
    let play = Play::default();
    let server = Server::new("example", "1.0.0")
        .state(play.clone())
        .add(handlers);
    (TestClient::connect(server).await, play)
}

const REST: Duration = Duration::from_secs(10);

async fn with_breaker() -> (TestClient, Play) {
    let breaker = BreakerLayer::new(3).open_for(REST);
    connect(handlers![fetch, change].layer(breaker)).await
}

#[tokio::test(start_paused = true)]
async fn after_some_failures_in_a_row_calls_are_refused_for_a_time() {
    let (client, play) = with_breaker().await;
    play.write(&[Breaks, Breaks, Works, Breaks, IsBusy, Breaks]);
    for _ in 0..6 {
        client.call("fetch", ()).await;
    }
    assert_eq!(play.calls(), 6);
    tokio::time::advance(Duration::from_secs(4)).await;
    let refused = client.call("change", ()).await;
    assert_eq!(play.calls(), 6);
    assert_eq!(
        refused.error(),
        "what `change` needs is down: try again in 6.0 s"
    );
    assert_eq!(
        refused.raw()["_meta"]["mcp-runtime/error"]["retry_after"],
        6.0
    );
    assert_eq!(refused.error_kind(), Some("circuit_open"));
    tokio::time::advance(Duration::from_secs(6)).await;
    assert_eq!(client.call("change", ()).await.text(), "fine");
}

#[tokio::test(start_paused = true)]
async fn after_that_time_one_call_decides() {
    let (client, play) = with_breaker().await;
    play.write(&[Breaks, Breaks, Breaks, Hangs, Breaks, Works]);
    for _ in 0..3 {
        client.call("fetch", ()).await;
    }
    tokio::time::advance(REST).await;
    let trial = client.start("fetch", ()).await;
    let refused = client.call("fetch", ()).await;
    assert_eq!(
        refused.error(),
        "what `fetch` needs is down: try again later"
    );
    // Without an end it decides nothing, and the next one tries.
    trial.cancel().await;
    while play.calls() == 4 {
        client.call("fetch", ()).await;
    }
    assert_eq!(
        client.call("fetch", ()).await.error_kind(),
        Some("circuit_open")
    );
    tokio::time::advance(REST).await;
    assert_eq!(client.call("fetch", ()).await.text(), "fine");
    play.write(&[Breaks, Breaks]);
    for _ in 0..3 {
        client.call("fetch", ()).await;
    }
    assert_eq!(play.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_the_model_did_wrong_breaks_nothing() {
    let (client, play) = with_breaker().await;
    play.write(&[Refuses; 5]);
    for _ in 0..5 {
        client.call("fetch", ()).await;
        client.call("fetch", json!({ "unknown": 1 })).await;
    }
    assert_eq!(client.call("fetch", ()).await.text(), "fine");

    let breaker = BreakerLayer::new(1).fails_when(mcp_runtime::layer::CallResponse::is_error);
    let (client, play) = connect(handlers![fetch].layer(breaker)).await;
    play.write(&[Refuses]);
    client.call("fetch", ()).await;
    assert_eq!(
        client.call("fetch", ()).await.error_kind(),
        Some("circuit_open")
    );
}

#[tokio::test(start_paused = true)]
async fn what_never_came_to_the_handler_says_nothing_about_it() {
    let (client, play) = with_breaker().await;
    let wrong = || client.call("fetch", json!({ "unknown": 1 }));
    play.write(&[Breaks, Breaks, Breaks, Breaks, Works]);
    for _ in 0..3 {
        client.call("fetch", ()).await;
        assert_eq!(
            wrong().await.error_kind(),
            Some(if play.calls() == 3 {
                "circuit_open"
            } else {
                "invalid_arguments"
            })
        );
    }
    assert_eq!(play.calls(), 3);
    tokio::time::advance(REST).await;
    // It was the one that tries, and gives its turn back.
    assert_eq!(wrong().await.error_kind(), Some("invalid_arguments"));
    client.call("fetch", ()).await;
    assert_eq!(play.calls(), 4);
    assert_eq!(wrong().await.error_kind(), Some("circuit_open"));
    tokio::time::advance(REST).await;
    assert_eq!(client.call("fetch", ()).await.text(), "fine");
}

#[tokio::test(start_paused = true)]
async fn layers_that_give_up_count_as_failures() {
    let timeout = TimeoutLayer::new(Duration::from_secs(1));
    let layered = handlers![fetch].layer(timeout).layer(BreakerLayer::new(1));
    let (client, play) = connect(layered).await;
    play.write(&[Hangs]);
    assert_eq!(
        client.call("fetch", ()).await.error_kind(),
        Some("timed_out")
    );
    assert_eq!(
        client.call("fetch", ()).await.error_kind(),
        Some("circuit_open")
    );
}

async fn with_retries(policy: RetryPolicy) -> (TestClient, Play) {
    let timeout = TimeoutLayer::new(Duration::from_secs(20));
    let retries = RetryLayer::new(policy);
    connect(handlers![fetch, change].layer(timeout).layer(retries)).await
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_after_growing_pauses() {
    let policy = RetryPolicy::new(3).pause(Duration::from_secs(1));
    let (client, play) = with_retries(policy).await;
    play.write(&[IsBusy, IsBusy, IsBusy, Works]);
    assert_eq!(client.call("fetch", ()).await.text(), "fine");
    let pauses = play.pauses();
    for (pause, most) in pauses.iter().zip([1000, 2000, 4000]) {
        let most = Duration::from_millis(most);
        assert!(*pause >= most / 2 && *pause <= most, "{pauses:?}");
    }
    assert_eq!(pauses.len(), 3);
    play.write(&[IsBusy; 9]);
    assert_eq!(client.call("fetch", ()).await.error(), "busy");
    assert_eq!(play.calls(), 4);
    play.write(&[Hangs, Works]);
    assert_eq!(client.call("fetch", ()).await.text(), "fine");
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_never_shorter_than_the_failure_asks() {
    let policy = RetryPolicy::new(1).pause(Duration::from_millis(1));
    let (client, play) = with_retries(policy.clone()).await;
    play.write(&[IsBusy]);
    client.call("fetch", ()).await;
    assert!(play.pauses()[0] >= Duration::from_millis(300));

    let (client, play) = with_retries(policy.longest_pause(Duration::from_millis(299))).await;
    play.write(&[IsBusy]);
    assert_eq!(client.call("fetch", ()).await.error(), "busy");
}

#[tokio::test(start_paused = true)]
async fn what_would_come_to_the_same_is_not_tried_again() {
    let (client, play) = with_retries(RetryPolicy::new(3)).await;
    for (act, tool) in [
        (Breaks, "fetch"),
        (Refuses, "fetch"),
        (IsBusy, "change"),
        (Hangs, "change"),
    ] {
        play.write(&[act]);
        assert!(client.call(tool, ()).await.is_error());
        assert_eq!(play.calls(), 1, "{act:?} of {tool}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_tried_that_the_deadline_would_end() {
    let play = Play::default();
    let retries = RetryLayer::new(RetryPolicy::new(3).pause(Duration::from_secs(5)));
    let server = Server::new("example", "1.0.0")
        .state(play.clone())
        .timeout(Duration::from_secs(2))
        .add(handlers![fetch].layer(retries));
    let client = TestClient::connect(server).await;
    play.write(&[IsBusy]);
    assert_eq!(client.call("fetch", ()).await.error(), "busy");
    assert_eq!(play.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_budget_ends_a_storm_of_retries() {
    let (client, play) = with_retries(RetryPolicy::new(1).pause(Duration::ZERO)).await;
    play.write(&[IsBusy; 1000]);
    let mut calls = Vec::new();
    for _ in 0..400 {
        calls.push(client.start("fetch", ()).await);
    }
    for call in calls {
        assert_eq!(call.result().await.unwrap().error(), "busy");
    }
    assert!(play.calls() < 600, "{} calls", play.calls());
}
