//! Questions, subscriptions and logs in a session.

use serde_json::json;

use super::client::Client;
use crate::fixture::Site;

#[tokio::test]
async fn a_question_is_asked_on_the_stream_of_its_call() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let other = Client::open(site.address).await;
    let mut stream = client.stream(&client.call(1, "ask", json!({}))).await;
    let question = stream.message().await;
    assert_eq!(question["method"], "elicitation/create");
    let accept = |name: &str| json!({ "action": "accept", "content": { "name": name } });
    other.answer(&question["id"], accept("Eve")).await;
    client.answer(&json!(4711), accept("Bob")).await;
    client.answer(&question["id"], accept("Ann")).await;
    client.answer(&question["id"], accept("Twice")).await;
    let answer = stream.message().await;
    assert_eq!(answer["result"]["content"][0]["text"], "hello Ann");
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_question_outlives_the_connection_that_it_was_asked_over() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let mut stream = client.stream(&client.call(1, "ask", json!({}))).await;
    let first = stream.next().await.unwrap();
    drop(stream);
    let mut stream = client.stream(&client.resume(&first.id)).await;
    let question = stream.message().await;
    let content = json!({ "action": "accept", "content": { "name": "Ann" } });
    client.answer(&question["id"], content).await;
    let answer = stream.message().await;
    assert_eq!(answer["result"]["content"][0]["text"], "hello Ann");
}

#[tokio::test]
async fn a_question_of_a_call_that_was_taken_back_is_answered_in_vain() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let mut stream = client.stream(&client.call(1, "ask", json!({}))).await;
    let event = loop {
        let event = stream.next().await.unwrap();
        if !event.data.is_empty() {
            break event;
        }
    };
    let question = event.json();
    client.cancel(1).await;
    assert_eq!(stream.rest().await, []);
    site.refuses(&client.resume(&event.id), 400, -32600).await;
    let content = json!({ "action": "accept", "content": { "name": "Ann" } });
    client.answer(&question["id"], content).await;
    client.is_well().await;
}

#[tokio::test]
async fn each_session_has_its_own_level_of_logs() {
    let site = Site::start().await;
    let quiet = Client::open(site.address).await;
    let loud = Client::open(site.address).await;
    for (client, level) in [(&quiet, "error"), (&loud, "debug")] {
        let post = client.request(1, "logging/setLevel", json!({ "level": level }));
        assert_eq!(client.send(&post).await.json()["result"], json!({}));
    }
    let answer = quiet.send(&quiet.call(2, "tell", json!({}))).await;
    assert!(answer.json()["result"].is_object());
    let events = loud
        .stream(&loud.call(2, "tell", json!({})))
        .await
        .rest()
        .await;
    let logs = events
        .iter()
        .filter(|event| event.data.contains("notifications/message"));
    assert_eq!(logs.count(), 2, "{events:?}");
}

#[tokio::test]
async fn changes_are_told_on_the_stream_of_the_session() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let subscribe = |uri: &str| client.request(1, "resources/subscribe", json!({ "uri": uri }));
    let answer = client.send(&subscribe("note://1")).await;
    assert_eq!(answer.json()["result"], json!({}));
    site.refuses(&subscribe("nothing://1"), 200, -32002).await;
    let edit = |uri: &str| client.call(2, "edit", json!({ "uri": uri }));
    // What has changed before the stream is there waits for it.
    client.send(&edit("note://1")).await;
    let mut stream = client.stream(&client.get()).await;
    let told = stream.message().await;
    assert_eq!(told["method"], "notifications/resources/updated");
    assert_eq!(told["params"]["uri"], "note://1");
    client.send(&edit("note://2")).await;
    client.send(&client.call(3, "announce", json!({}))).await;
    let told = stream.message().await;
    assert_eq!(told["method"], "notifications/tools/list_changed");
    let post = client.request(4, "resources/unsubscribe", json!({ "uri": "note://1" }));
    assert_eq!(client.send(&post).await.json()["result"], json!({}));
    client.send(&edit("note://1")).await;
    client.send(&client.call(5, "announce", json!({}))).await;
    let told = stream.message().await;
    assert_eq!(told["method"], "notifications/tools/list_changed");
}
