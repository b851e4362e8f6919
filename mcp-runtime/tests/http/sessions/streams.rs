//! The streams of a session, and those that are read again.

use serde_json::{Value, json};

use super::client::{Client, Event};
use crate::fixture::Site;

fn messages(events: &[Event]) -> Vec<Value> {
    let messages = events.iter().filter(|event| !event.data.is_empty());
    messages.map(Event::json).collect()
}

#[tokio::test]
async fn a_stream_begins_with_where_to_go_on() {
    let site = Site::start().await;
    for (version, primed) in [("2025-11-25", true), ("2025-06-18", false)] {
        let client = Client::open_as(site.address, version, None).await;
        let count = client.call(1, "count", json!({ "to": 2 }));
        let events = client.stream(&count).await.rest().await;
        let first = &events[0];
        assert_eq!(first.data.is_empty() && first.retry.is_some(), primed);
        assert!(
            events.iter().all(|event| !event.id.is_empty()),
            "{events:?}"
        );
        let answer = messages(&events).pop().unwrap();
        assert_eq!(answer["result"]["structuredContent"]["result"], 2);
        let mut stream = client.stream(&client.get()).await;
        client.send(&client.call(2, "announce", json!({}))).await;
        let first = stream.next().await.unwrap();
        assert_eq!(first.data.is_empty() && first.retry.is_some(), primed);
    }
}

#[tokio::test]
async fn a_call_goes_on_without_its_client_who_may_come_back_for_the_answer() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let wait = client.call(1, "wait", json!({ "loud": true }));
    let mut stream = client.stream(&wait).await;
    let (first, said) = (stream.next().await.unwrap(), stream.message().await);
    site.signals.begun.notified().await;
    drop(stream);
    client.is_well().await;

    // Behind the first event comes what was said already, behind the last one what is said from now on.
    let mut again = client.stream(&client.resume(&first.id)).await;
    let event = again.next().await.unwrap();
    assert_eq!(event.json(), said);
    let last = client.stream(&client.resume(&event.id)).await;
    assert_eq!(
        again.next().await,
        None,
        "another reader has taken its place"
    );
    site.signals.go.notify_one();
    site.signals.finished.notified().await;
    let rest = last.rest().await;
    assert_eq!(messages(&rest)[0]["result"]["content"][0]["text"], "went");

    // The answer can be fetched again, and nothing comes behind it.
    let events = client.stream(&client.resume(&event.id)).await.rest().await;
    assert_eq!(events, rest);
    let last = &rest.last().unwrap().id;
    let events = client.stream(&client.resume(last)).await.rest().await;
    assert_eq!(events, []);
}

#[tokio::test]
async fn a_handler_may_have_its_client_come_back() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let events = client
        .stream(&client.call(1, "poll", json!({})))
        .await
        .rest()
        .await;
    assert_eq!(events.len(), 1);
    assert_eq!(messages(&events), [Value::Null; 0]);
    site.signals.begun.notified().await;
    site.signals.go.notify_one();
    let again = client.stream(&client.resume(&events[0].id)).await;
    let answer = &messages(&again.rest().await)[0];
    assert_eq!(answer["result"]["content"][0]["text"], "waited for");

    // Clients that would not come back are answered as if nothing had been said.
    site.signals.go.notify_one();
    let old = Client::open_as(site.address, "2025-06-18", None).await;
    let answer = old.send(&old.call(1, "poll", json!({}))).await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], "waited for");
}

#[tokio::test]
async fn nobody_reads_the_events_of_another_session() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let count = client.call(1, "count", json!({ "to": 1 }));
    let events = client.stream(&count).await.rest().await;
    let other = Client::open(site.address).await;
    site.refuses(&other.resume(&events[0].id), 400, -32600)
        .await;
    let (stream, _) = events[0].id.split_once('-').unwrap();
    for forged in [
        &format!("{stream}-4711"),
        &format!("{stream}--1"),
        "4711-0",
        "",
        "-",
        "x",
        "99999999999999999999-0",
    ] {
        site.refuses(&client.resume(forged), 400, -32600).await;
    }
    let twice = client.resume(&events[0].id).also("Last-Event-ID", "1-0");
    site.refuses(&twice, 400, -32600).await;
    client.is_well().await;
}

#[tokio::test]
async fn each_message_goes_to_one_of_two_streams() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let announce = client.call(1, "announce", json!({}));
    let mut first = client.stream(&client.get()).await;
    assert!(first.next().await.unwrap().data.is_empty());
    let mut second = client.stream(&client.get()).await;
    assert!(second.next().await.unwrap().data.is_empty());
    client.send(&announce).await;
    let told = second.next().await.unwrap();
    assert!(told.data.contains("list_changed"), "{told:?}");
    // The other one is told when there is only that one left, and what comes from now on.
    drop(second);
    let mut again = client.stream(&client.get()).await;
    assert!(again.next().await.unwrap().data.is_empty());
    drop(again);
    let told = loop {
        client.send(&announce).await;
        let told = tokio::time::timeout(std::time::Duration::from_millis(20), first.next()).await;
        if let Ok(told) = told {
            break told.unwrap();
        }
    };
    assert!(told.data.contains("list_changed"), "{told:?}");
}

#[tokio::test]
async fn what_was_told_while_the_client_was_away_can_be_read_again() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let mut stream = client.stream(&client.get()).await;
    let first = stream.next().await.unwrap();
    client.send(&client.call(1, "announce", json!({}))).await;
    let told = stream.next().await.unwrap();
    drop(stream);
    let mut again = client.stream(&client.resume(&first.id)).await;
    assert_eq!(again.next().await.unwrap(), told);
    client.send(&client.call(2, "announce", json!({}))).await;
    let next = again.next().await.unwrap();
    assert_ne!(next.id, told.id);
    assert!(next.data.contains("list_changed"));
}

#[tokio::test]
async fn a_stream_needs_a_client_that_can_read_it() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let get = client.get().header("Accept", "application/json");
    site.refuses(&get, 406, -32600).await;
    let get = client.get().header("Host", "evil.example.com");
    site.refuses(&get, 403, -32600).await;
    let get = client.get().header("Origin", "http://evil.example.com");
    site.refuses(&get, 403, -32600).await;
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(client.stream(&client.get()).await);
    }
    site.refuses(&client.get(), 503, -32600).await;
    // One that takes only JSON gets the answer alone.
    let call = client.call(1, "count", json!({ "to": 3 }));
    let answer = client
        .send(&call.header("Accept", "application/json"))
        .await;
    assert_eq!(answer.json()["result"]["structuredContent"]["result"], 3);
}
