//! The life of a session.

use std::time::Duration;

use serde_json::json;

use super::client::{Client, initialize, send};
use crate::{client::Post, fixture::Site};

#[tokio::test]
async fn initialize_opens_a_session_and_delete_ends_it() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    assert!(client.id.len() >= 22, "{}", client.id);
    assert!(client.id.bytes().all(|byte| byte.is_ascii_graphic()));
    client.is_well().await;
    let answer = client.send(&client.request(1, "ping", json!({}))).await;
    assert_eq!(answer.json()["result"], json!({}));
    let answer = client.send(&client.delete()).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    for post in [
        client.request(1, "ping", json!({})),
        client.get(),
        client.delete(),
        client.message(&json!({ "jsonrpc": "2.0", "method": "notifications/x" })),
        client.message(&json!({ "jsonrpc": "2.0", "id": 1, "result": {} })),
    ] {
        site.refuses(&post, 404, -32600).await;
    }
}

#[tokio::test]
async fn each_session_has_an_id_of_its_own() {
    let site = Site::start().await;
    let first = Client::open(site.address).await;
    let second = Client::open_as(site.address, "2025-06-18", None).await;
    assert_ne!(first.id, second.id);
    first.send(&first.delete()).await;
    second.is_well().await;
}

#[tokio::test]
async fn ids_that_nobody_was_given_are_unknown() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let other = if client.id.starts_with('A') { "B" } else { "A" };
    let forged = format!("{other}{}", &client.id[1..]);
    let ping = client.request(1, "ping", json!({}));
    for id in [
        &forged,
        "",
        "x",
        "0",
        &client.id[1..],
        &"a".repeat(8192),
        "../x",
    ] {
        let post = ping.clone().header("Mcp-Session-Id", id);
        site.refuses(&post, 404, -32600).await;
        let get = client.get().header("Mcp-Session-Id", id);
        site.refuses(&get, 404, -32600).await;
    }
    let twice = ping.also("Mcp-Session-Id", &client.id);
    site.refuses(&twice, 400, -32600).await;
    client.is_well().await;
}

#[tokio::test]
async fn a_request_of_another_revision_is_refused() {
    let site = Site::start().await;
    let client = Client::open_as(site.address, "2025-06-18", None).await;
    for version in ["2025-11-25", "1999-01-01", "x"] {
        for post in [
            client.request(1, "ping", json!({})),
            client.get(),
            client.delete(),
        ] {
            let post = post.header("MCP-Protocol-Version", version);
            site.refuses(&post, 400, -32600).await;
        }
    }
    let ping = client.request(1, "ping", json!({}));
    let silent = ping.clone().without("MCP-Protocol-Version");
    // The revision that is assumed of a request that does not say.
    let unsaid = ping.header("MCP-Protocol-Version", "2025-03-26");
    for post in [silent, unsaid] {
        assert_eq!(client.send(&post).await.status, 200);
    }
}

#[tokio::test]
async fn a_session_is_initialized_once_and_means_nothing_to_2026_07_28() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let again = initialize("2025-11-25").header("Mcp-Session-Id", &client.id);
    site.refuses(&again, 200, -32600).await;
    for id in [&*client.id, "forged"] {
        let answer = site.send(&Post::add().header("Mcp-Session-Id", id)).await;
        assert_eq!(answer.json()["result"]["structuredContent"], 3);
        assert!(!answer.has_header("mcp-session-id"));
        let get = client.get().header("MCP-Protocol-Version", "2026-07-28");
        site.refuses(&get, 405, -32600).await;
    }
}

#[tokio::test]
async fn there_are_no_sessions_where_they_are_not_wanted() {
    let site = Site::start_with(|http| http.stateless(true)).await;
    let answer = site.send(&initialize("2025-11-25")).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.has_header("mcp-session-id"));
    let ping = Post::legacy(Some("2025-11-25"), "ping", json!({}));
    let answer = site.send(&ping.header("Mcp-Session-Id", "any")).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn no_more_sessions_are_opened_than_there_is_room_for() {
    let site = Site::start_with(|http| http.max_sessions(3)).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Client::open(site.address).await);
    }
    for _ in 0..50 {
        let answer = send(site.address, &initialize("2025-11-25")).await;
        assert_eq!(answer.status, 503);
        answer.is_error(-32600);
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
        assert!(!answer.has_header("mcp-session-id"));
    }
    clients[0].is_well().await;
    clients[1].send(&clients[1].delete()).await;
    Client::open(site.address).await.is_well().await;
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_and_one_in_use_does_not() {
    let limit = Duration::from_millis(150);
    let site = Site::start_with(|http| http.session_timeout(limit).max_sessions(3)).await;
    let calling = Client::open(site.address).await;
    let mut call = site.connect().await;
    call.write(calling.call(1, "wait", json!({})).bytes()).await;
    site.signals.begun.notified().await;
    let reading = Client::open(site.address).await;
    let mut stream = reading.stream(&reading.get()).await;
    let idle = Client::open(site.address).await;
    // There is room for another session as soon as the idle one has ended.
    while send(site.address, &initialize("2025-11-25")).await.status == 503 {
        tokio::task::yield_now().await;
    }
    site.refuses(&idle.request(1, "ping", json!({})), 404, -32600)
        .await;
    reading.is_well().await;
    reading.send(&reading.call(2, "announce", json!({}))).await;
    let told = stream.message().await;
    assert_eq!(told["method"], "notifications/tools/list_changed");
    site.signals.go.notify_one();
    let answer = call.answer().await.json();
    assert_eq!(answer["result"]["content"][0]["text"], "went");
    calling.is_well().await;
}

#[tokio::test]
async fn delete_takes_all_calls_back_and_ends_all_streams() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let stream = client.stream(&client.get()).await;
    let mut silent = site.connect().await;
    silent
        .write(client.call(1, "wait", json!({})).bytes())
        .await;
    site.signals.begun.notified().await;
    let loud = client.call(2, "wait", json!({ "loud": true }));
    let loud = client.stream(&loud).await;
    site.signals.begun.notified().await;
    assert_eq!(client.send(&client.delete()).await.status, 204);
    site.signals.dropped.notified().await;
    let told: Vec<_> = loud.rest().await;
    assert!(told.iter().all(|event| !event.data.contains("result")));
    assert!(
        stream
            .rest()
            .await
            .iter()
            .all(|event| event.data.is_empty())
    );
    assert_eq!(silent.answer().await.body, b"");
}

#[tokio::test]
async fn an_id_in_flight_is_refused_and_free_again_afterwards() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let mut first = site.connect().await;
    first.write(client.call(1, "wait", json!({})).bytes()).await;
    site.signals.begun.notified().await;
    let twice = client.call(1, "add", json!({ "a": 1, "b": 2 }));
    let answer = site.refuses(&twice, 400, -32600).await;
    assert!(answer.json().get("id").is_none(), "{answer:?}");
    site.signals.go.notify_one();
    let answer = first.answer().await.json();
    assert_eq!(answer["result"]["content"][0]["text"], "went");
    assert_eq!(client.send(&twice).await.status, 200);
}

#[tokio::test]
async fn a_call_is_taken_back_within_its_session_alone() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    let other = Client::open(site.address).await;
    for loud in [false, true] {
        let mut call = site.connect().await;
        let post = client.call(1, "wait", json!({ "loud": loud }));
        call.write(post.bytes()).await;
        site.signals.begun.notified().await;
        other.cancel(1).await;
        client.cancel(2).await;
        client.is_well().await;
        client.cancel(1).await;
        site.signals.dropped.notified().await;
        let answer = call.answer().await;
        assert_eq!(answer.status, 200);
        let body = String::from_utf8(answer.body).unwrap();
        assert!(
            !body.contains("result") && !body.contains("error"),
            "{body}"
        );
        client.cancel(1).await;
    }
}

#[tokio::test]
async fn a_call_that_is_taken_back_is_not_answered_even_if_its_handler_ends() {
    let site = Site::start().await;
    let client = Client::open(site.address).await;
    for loud in [false, true] {
        let mut call = site.connect().await;
        let post = client.call(1, "heed", json!({ "loud": loud }));
        call.write(post.bytes()).await;
        site.signals.begun.notified().await;
        client.cancel(1).await;
        site.signals.finished.notified().await;
        let answer = call.answer().await;
        assert_eq!(answer.status, 200);
        let body = String::from_utf8(answer.body).unwrap();
        assert!(!body.contains("heeded"), "{body}");
    }
    client.is_well().await;
}

#[tokio::test]
async fn calls_are_finished_and_streams_end_when_the_server_does() {
    let mut site = Site::start().await;
    let client = Client::open(site.address).await;
    let first = client.stream(&client.get()).await;
    let second = client.stream(&client.get()).await;
    let mut call = site.connect().await;
    call.write(client.call(1, "wait", json!({})).bytes()).await;
    site.signals.begun.notified().await;
    site.end();
    for stream in [first, second] {
        assert!(
            stream
                .rest()
                .await
                .iter()
                .all(|event| event.data.is_empty())
        );
    }
    site.signals.go.notify_one();
    let answer = call.answer().await.json();
    assert_eq!(answer["result"]["content"][0]["text"], "went");
    site.ended().await.unwrap();
}
