//! Answers that say something on the way, and clients that go away.

use std::{mem, sync::atomic::Ordering, time::Duration};

use serde_json::json;

use crate::{
    client::{Post, events},
    fixture::Site,
};

#[tokio::test]
async fn a_handler_that_reports_is_answered_as_a_stream() {
    let site = Site::start().await;
    let answer = site
        .send(&Post::call_with_progress("count", json!({ "to": 3 })))
        .await;
    assert_eq!(answer.status, 200);
    let events = answer.events();
    let (last, progress) = events.split_last().unwrap();
    assert_eq!(
        (&last["id"], &last["result"]["structuredContent"]),
        (&json!(7), &json!(3))
    );
    assert!(!progress.is_empty());
    for notification in progress {
        assert_eq!(notification["method"], "notifications/progress");
        assert_eq!(notification["params"]["progressToken"], "p");
    }
    assert_eq!(progress.last().unwrap()["params"]["progress"], 3.0);
}

#[tokio::test]
async fn a_handler_that_says_nothing_is_answered_as_json() {
    let site = Site::start().await;
    // Nobody asked for progress.
    let answer = site.send(&Post::call("count", json!({ "to": 3 }))).await;
    assert_eq!(answer.json()["result"]["structuredContent"], 3);
}

#[tokio::test]
async fn what_is_said_arrives_while_the_handler_works() {
    let site = Site::start().await;
    let mut connection = site.connect().await;
    connection
        .write(Post::call_with_progress("wait", json!({ "loud": true })).bytes())
        .await;
    let head = connection.answer_head().await;
    assert_eq!(
        (head.status, head.header("content-type")),
        (200, "text/event-stream")
    );
    let first = connection.chunk().await.unwrap();
    assert_eq!(events(&first)[0]["params"]["message"], "waiting");
    site.signals.go.notify_one();
    let last = connection.chunk().await.unwrap();
    assert_eq!(events(&last)[0]["result"]["content"][0]["text"], "went");
    assert_eq!(connection.chunk().await, None);
    // The connection is as good as new.
    assert_eq!(connection.send(&Post::add()).await.status, 200);
}

#[tokio::test]
async fn a_silent_handler_is_announced_and_kept_alive() {
    let site = Site::start_with(|http| http.keep_alive(Duration::from_millis(50))).await;
    let mut connection = site.connect().await;
    connection
        .write(Post::call("wait", json!({})).bytes())
        .await;
    let head = connection.answer_head().await;
    assert_eq!(head.header("content-type"), "text/event-stream");
    for _ in 0..3 {
        assert_eq!(connection.chunk().await.unwrap(), b":\n\n");
    }
    site.signals.go.notify_one();
    let mut rest = Vec::new();
    while let Some(chunk) = connection.chunk().await {
        rest.extend(chunk);
    }
    let last = events(&rest);
    assert_eq!(last.last().unwrap()["result"]["content"][0]["text"], "went");
}

#[tokio::test]
async fn all_progress_arrives_in_order_however_much_there_is() {
    let site = Site::start().await;
    let answer = site
        .send(&Post::call_with_progress("count", json!({ "to": 5000 })))
        .await;
    let events = answer.events();
    let (last, progress) = events.split_last().unwrap();
    assert_eq!(last["result"]["structuredContent"], 5000);
    let done: Vec<_> = progress
        .iter()
        .map(|event| event["params"]["progress"].as_f64().unwrap())
        .collect();
    assert!(done.is_sorted());
    assert_eq!(done.last(), Some(&5000.0));
}

#[tokio::test]
async fn a_client_that_takes_only_json_gets_the_answer_alone() {
    let plain = Site::start().await;
    let post = Post::call_with_progress("count", json!({ "to": 3 }));
    let answer = plain
        .send(&post.clone().header("Accept", "application/json"))
        .await;
    assert_eq!(answer.json()["result"]["structuredContent"], 3);
    let strict = Site::start_with(|http| http.json_only(true)).await;
    let answer = strict.send(&post).await;
    assert_eq!(answer.json()["result"]["structuredContent"], 3);
    let answer = strict
        .send(&post.header("Accept", "text/event-stream"))
        .await;
    assert!(answer.events().len() > 1);
}

#[tokio::test]
async fn a_client_that_goes_takes_its_request_back() {
    let site = Site::start().await;
    for loud in [false, true] {
        let mut connection = site.connect().await;
        let post = Post::call_with_progress("wait", json!({ "loud": loud }));
        connection.write(post.bytes()).await;
        site.signals.begun.notified().await;
        if loud {
            connection.answer_head().await;
        }
        drop(connection);
        site.signals.dropped.notified().await;
        site.is_well().await;
    }
}

#[tokio::test]
async fn other_tasks_are_told_that_the_client_has_gone() {
    let site = Site::start().await;
    let mut connection = site.connect().await;
    connection
        .write(Post::call("watch", json!({})).bytes())
        .await;
    site.signals.begun.notified().await;
    drop(connection);
    site.signals.dropped.notified().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_stops_nobody_else() {
    let site = Site::start().await;
    let mut connection = site.connect().await;
    connection
        .write(Post::call("block", json!({})).bytes())
        .await;
    site.signals.begun.notified().await;
    site.is_well().await;
    site.signals.go.notify_one();
    let answer = connection.answer().await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], "free");
}

#[tokio::test]
async fn a_token_of_progress_is_a_text_or_an_integer() {
    let site = Site::start().await;
    for token in [json!({}), json!([1]), json!(true), json!(1.5)] {
        let post = Post::call_with_progress("count", json!({ "to": 3 }));
        let post = post.change(|body| body["params"]["_meta"]["progressToken"] = token.clone());
        site.refuses(&post, 400, -32602).await;
    }
    let long = "p".repeat(1024 * 1024);
    let post = Post::call_with_progress("count", json!({ "to": 3 }));
    let post = post.change(|body| body["params"]["_meta"]["progressToken"] = json!(long));
    let answer = site.send(&post).await;
    assert!(answer.status == 400 || answer.events().len() < 5);
    site.is_well().await;
}

#[tokio::test]
async fn two_calls_with_one_token_are_told_apart_by_their_streams() {
    let site = Site::start().await;
    let (mut one, mut other) = (site.connect().await, site.connect().await);
    for (connection, to) in [(&mut one, 3), (&mut other, 5)] {
        let post = Post::call_with_progress("count", json!({ "to": to }));
        connection.write(post.bytes()).await;
    }
    for (connection, to) in [(&mut one, 3.0), (&mut other, 5.0)] {
        let events = connection.answer().await.events();
        for event in &events[..events.len() - 1] {
            assert_eq!(event["params"]["total"], to);
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_up_its_own_handler_and_nobody_else() {
    let site = Site::serve(|server| server.max_result_bytes(64 << 20), |http| http).await;
    let mut slow = site.connect().await;
    let post = Post::call_with_progress("flood", json!({}));
    slow.write(post.bytes()).await;
    slow.answer_head().await;
    // Until the buffers between the two are full.
    let (mut chunks, mut unchanged) = (0, 0);
    while unchanged < 3 {
        site.is_well().await;
        let before = mem::replace(&mut chunks, site.signals.chunks.load(Ordering::SeqCst));
        unchanged = if chunks == before { unchanged + 1 } else { 0 };
    }
    assert!(chunks < 60, "nothing holds it up");
    let mut read = 0;
    while let Some(chunk) = slow.chunk().await {
        read += chunk.len();
    }
    assert!(read > 60 * 256 * 1024);
}
