//! Streams of a session whose token has lost a scope.

use serde_json::json;

use super::server::{Caller, FULL, NONE, site};

const COUNTING: &str = "files:read files:write counting";

#[tokio::test]
async fn a_stream_that_is_opened_again_with_less_tells_less() {
    let site = site().await;
    let alice = Caller::session(&site, "alice", FULL).await;
    alice.subscribe("secret://one").await;
    // What waits for the stream was announced when there still was a right to hear of it.
    alice.touch("secret://one").await;
    let lost = alice.with("alice", NONE);
    let mut heard = lost.stream(&lost.bare("GET")).await;
    let first = heard.next().await.unwrap();
    assert_eq!(first["method"], "notifications/tools/list_changed");
    // A right that comes back does not bring the subscription back.
    alice.touch("secret://one").await;
    let next = heard.next().await.unwrap();
    assert_eq!(next["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn what_was_told_of_what_is_lost_is_not_read_again() {
    let site = site().await;
    let alice = Caller::session(&site, "alice", FULL).await;
    alice.subscribe("secret://one").await;
    let mut heard = alice.stream(&alice.bare("GET")).await;
    alice.touch("secret://one").await;
    let told = heard.next().await.unwrap();
    assert_eq!(told["method"], "notifications/resources/updated");
    let stream = heard.last.split_once('-').unwrap().0.to_owned();
    drop(heard);
    let behind = format!("{stream}-0");
    let resume = |caller: &Caller<'_>| caller.bare("GET").header("Last-Event-ID", &behind);
    let mut again = alice.stream(&resume(&alice)).await;
    assert_eq!(again.next().await, Some(told));
    drop(again);
    let lost = alice.with("alice", NONE);
    let answer = lost.send(&resume(&lost)).await;
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[tokio::test]
async fn the_answer_of_what_is_lost_is_not_fetched() {
    let site = site().await;
    let alice = Caller::session(&site, "alice", COUNTING).await;
    let call = json!({ "name": "count", "_meta": { "progressToken": 1 } });
    let mut stream = alice.stream(&alice.request("tools/call", call)).await;
    let mut told = Vec::new();
    let mut first = String::new();
    while let Some(message) = stream.next().await {
        told.push(message);
        if first.is_empty() {
            first.clone_from(&stream.last);
        }
    }
    assert_eq!(told.len(), 2, "{told:?}");
    let resume = |caller: &Caller<'_>| caller.bare("GET").header("Last-Event-ID", &first);
    for scopes in [NONE, "files:read counting", FULL] {
        let lost = alice.with("alice", scopes);
        let answer = lost.send(&resume(&lost)).await;
        assert_eq!(answer.status, 400, "{scopes} {answer:?}");
    }
    let mut again = alice.stream(&resume(&alice)).await;
    assert_eq!(again.next().await.as_ref(), told.last());
}
