//! Rates that several processes share, in a real Redis server.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test may unwrap like the test itself"
)]

mod process;

use std::{
    os::unix::net::UnixListener,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use mcp_runtime::limit::{Decision, Rate, Redis, Store};
use proptest::prelude::*;

use process::{RedisServer, Sharing};

const PATIENCE: Duration = Duration::from_secs(30);

fn store(redis: &RedisServer) -> Redis {
    let store = Redis::new(&redis.url()).unwrap();
    store.timeout(PATIENCE).retry_every(Duration::ZERO)
}

/// Makes fifty calls at once through two processes, and counts those that go through.
fn through_two_processes(tool: &str) -> Option<(usize, Duration)> {
    let redis = RedisServer::start()?;
    let mut processes = [(); 2].map(|()| Sharing::start(&redis.url()));
    let begun = Instant::now();
    for process in &mut processes {
        process.call(tool, 25);
    }
    let done = processes.iter_mut().map(|process| process.done(25)).sum();
    Some((done, begun.elapsed()))
}

#[test]
fn two_processes_let_five_of_fifty_calls_through() {
    let Some((done, _)) = through_two_processes("hourly") else {
        return;
    };
    assert_eq!(done, 5);
}

#[test]
fn two_processes_let_five_a_second_through() {
    let Some((done, time)) = through_two_processes("limited") else {
        return;
    };
    // Five at once, and another one every 200 ms that the fifty calls take.
    let most = 5 + usize::try_from(time.as_millis() / 200).unwrap();
    assert!((5..=most).contains(&done), "{done} calls in {time:?}");
}

#[tokio::test]
async fn when_redis_goes_away_nothing_goes_through_until_it_is_back() {
    let Some(mut redis) = RedisServer::start() else {
        return;
    };
    let (store, rate) = (store(&redis).fail_closed(), Rate::per_hour(2));
    assert_eq!(store.take("a", rate, 1).await, Decision::Allowed);
    redis.kill();
    for _ in 0..3 {
        let decision = store.take("a", rate, 1).await;
        assert!(
            matches!(decision, Decision::Unavailable { .. }),
            "{decision:?}"
        );
    }
    redis.restart();
    assert_eq!(store.take("a", rate, 2).await, Decision::Allowed);
    let decision = store.take("a", rate, 1).await;
    assert!(matches!(decision, Decision::Refused { .. }), "{decision:?}");
}

#[tokio::test]
async fn when_redis_goes_away_everything_goes_through_if_that_is_the_choice() {
    let Some(mut redis) = RedisServer::start() else {
        return;
    };
    let (store, rate) = (store(&redis).fail_open(), Rate::per_hour(1));
    assert_eq!(store.take("a", rate, 1).await, Decision::Allowed);
    redis.kill();
    for _ in 0..3 {
        assert_eq!(store.take("a", rate, 1).await, Decision::Allowed);
    }
    redis.restart();
    assert_eq!(store.take("a", rate, 1).await, Decision::Allowed);
    assert_ne!(store.take("a", rate, 1).await, Decision::Allowed);
}

#[tokio::test]
async fn a_redis_that_is_away_is_tried_again_only_now_and_then() {
    let Some(mut redis) = RedisServer::start() else {
        return;
    };
    let hour = Duration::from_secs(3600);
    let (store, rate) = (store(&redis).retry_every(hour), Rate::per_hour(1));
    redis.kill();
    let first = store.take("a", rate, 1).await;
    assert_eq!(first, Decision::Unavailable { retry_after: hour });
    redis.restart();
    let Decision::Unavailable { retry_after } = store.take("a", rate, 1).await else {
        panic!("it has been tried");
    };
    assert!(retry_after < hour && hour.saturating_sub(retry_after) < PATIENCE);
}

#[tokio::test]
async fn a_redis_that_says_nothing_costs_no_more_than_the_time_out() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let store = Redis::new(&format!("redis+unix://{}", socket.display())).unwrap();
    let store = store.timeout(Duration::from_millis(20));
    let begun = Instant::now();
    let decision = store.take("a", Rate::per_hour(1), 1).await;
    assert!(
        matches!(decision, Decision::Unavailable { .. }),
        "{decision:?}"
    );
    assert!(begun.elapsed() < PATIENCE);
}

#[tokio::test]
async fn a_redis_that_has_forgotten_the_script_is_told_it_again() {
    let Some(redis) = RedisServer::start() else {
        return;
    };
    let (store, rate) = (store(&redis), Rate::per_hour(2));
    assert_eq!(store.take("a", rate, 1).await, Decision::Allowed);
    let mut direct = direct(&redis);
    redis::cmd("SCRIPT").arg("FLUSH").exec(&mut direct).unwrap();
    assert_eq!(store.take("a", rate, 1).await, Decision::Allowed);
    assert_ne!(store.take("a", rate, 1).await, Decision::Allowed);
}

#[tokio::test]
async fn what_is_in_redis_names_nobody_and_goes_away_by_itself() {
    let Some(redis) = RedisServer::start() else {
        return;
    };
    let store = store(&redis).prefix("mine:");
    store.take("alice", Rate::per_hour(60), 3).await;
    let mut direct = direct(&redis);
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut direct).unwrap();
    assert_eq!(keys.len(), 1);
    assert!(keys[0].starts_with("mine:") && !keys[0].contains("alice"));
    let left: u64 = redis::cmd("PTTL").arg(&keys[0]).query(&mut direct).unwrap();
    assert!(left <= 180_000 && left > 180_000 - 30_000, "{left}");
}

#[test]
fn what_is_no_url_is_refused_without_showing_it() {
    let error = Redis::new("http://user:hunter2@host").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let store = Redis::new("redis://:hunter2@host").unwrap();
    assert!(!format!("{store:?}").contains("hunter2"));
}

fn direct(redis: &RedisServer) -> redis::Connection {
    let client = redis::Client::open(redis.url()).unwrap();
    client.get_connection().unwrap()
}

/// The script, with a clock that the test sets: its two parts stand behind the other arguments.
fn script_with_a_clock() -> redis::Script {
    let script = include_str!("../../src/limit/take.lua");
    let clock = script.replace("redis.call('TIME')", "{ARGV[4], ARGV[5]}");
    assert_ne!(clock, script);
    redis::Script::new(&clock)
}

/// The microseconds to wait, as the bucket would be explained.
fn model(missing: &mut u64, interval: u64, burst: u64, cost: u64) -> u64 {
    let wanted = *missing + interval * cost;
    if wanted > interval * burst {
        return wanted - interval * burst;
    }
    *missing = wanted;
    0
}

#[test]
fn the_script_lets_through_what_the_model_does() {
    let Some(redis) = RedisServer::start() else {
        return;
    };
    let script = script_with_a_clock();
    // Long intervals: keys go away by the clock of the server, which nobody sets.
    let steps = prop::collection::vec((0..2_000_000_000_u64, 1..20_u64), 1..60);
    let strategy = (60_000_000..1_000_000_000_u64, 1..20_u64, steps);
    let bucket = AtomicU32::new(0);
    let mut runner = proptest::test_runner::TestRunner::default();
    let result = runner.run(&strategy, |(interval, burst, steps)| {
        let key = format!("bucket {}", bucket.fetch_add(1, Ordering::Relaxed));
        let mut direct = direct(&redis);
        let (mut now, mut missing) = (1_700_000_000_000_000_u64, 0_u64);
        for (time, cost) in steps {
            let cost = cost.min(burst);
            now += time;
            missing = missing.saturating_sub(time);
            let mut call = script.key(key.as_str());
            call.arg(interval).arg(burst).arg(cost);
            call.arg(now / 1_000_000).arg(now % 1_000_000);
            let wait: u64 = call.invoke(&mut direct).unwrap();
            prop_assert_eq!(wait, model(&mut missing, interval, burst, cost));
        }
        Ok(())
    });
    result.unwrap();
}
