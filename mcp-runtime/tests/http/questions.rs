//! Handlers that ask the client.

use std::sync::Arc;

use axum::{Extension, Router};
use mcp_runtime::Principal;
use serde_json::json;

use crate::{
    client::Post,
    fixture::{Site, server},
    mounted::application,
};

const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

fn ask() -> Post {
    Post::call("ask", json!({})).change(|body| {
        body["params"]["_meta"][CAPABILITIES] = json!({ "elicitation": {} });
    })
}

#[tokio::test]
async fn a_question_is_an_answer_and_its_answer_another_request() {
    let site = Site::start().await;
    let first = site.send(&ask()).await;
    assert_eq!(first.status, 200);
    let result = &first.json()["result"];
    assert_eq!(result["resultType"], "input_required");
    assert_eq!(
        result["inputRequests"]["name"]["method"],
        "elicitation/create"
    );
    let again = ask().change(|body| {
        body["params"]["inputResponses"] =
            json!({ "name": { "action": "accept", "content": { "name": "Ann" } } });
        body["params"]["requestState"] = result["requestState"].clone();
    });
    let second = site.send(&again).await.json();
    assert_eq!(second["result"]["content"][0]["text"], "hello Ann");
    let forged = again.change(|body| body["params"]["requestState"] = "forged".into());
    let answer = site.send(&forged).await;
    answer.is_error(-32602);
    site.is_well().await;
}

#[tokio::test]
async fn a_client_that_cannot_be_asked_is_told_what_it_lacks() {
    let site = Site::start().await;
    let answer = site
        .refuses(&Post::call("ask", json!({})), 400, -32021)
        .await;
    let lacks = &answer.json()["error"]["data"]["requiredCapabilities"];
    assert!(lacks["elicitation"].is_object(), "{lacks}");
}

#[tokio::test]
async fn there_is_no_way_back_from_a_client_without_a_session() {
    let site = Site::start().await;
    let post = Post::legacy(Some("2025-11-25"), "tools/call", json!({ "name": "ask" }));
    let answer = site.send(&post).await;
    assert_eq!(answer.json()["result"]["isError"], true, "{answer:?}");
    site.is_well().await;
}

#[tokio::test]
async fn an_answer_that_is_none_is_never_taken_for_one() {
    let site = Site::start().await;
    let first = site.send(&ask()).await.json();
    let state = &first["result"]["requestState"];
    for responses in [
        json!({}),
        json!({ "other": { "action": "accept", "content": { "name": "Eve" } } }),
        json!({ "name": 12345 }),
        json!({ "name": null }),
        json!({ "name": { "action": "hack", "content": { "name": "Eve" } } }),
        json!({ "name": { "action": "accept" } }),
        json!({ "name": { "action": "accept", "content": { "name": 5 } } }),
        json!([]),
        json!(null),
    ] {
        let again = ask().change(|body| {
            body["params"]["inputResponses"] = responses.clone();
            body["params"]["requestState"] = state.clone();
        });
        let answer = site.send(&again).await;
        let said = answer.json().to_string();
        assert!(!said.contains("hello"), "{responses}: {said}");
        site.is_well().await;
    }
}

#[tokio::test]
async fn a_state_is_good_for_one_call_of_one_tool() {
    let site = Site::start().await;
    let first = site.send(&ask()).await.json();
    let state = first["result"]["requestState"].as_str().unwrap();
    let flipped = if state.starts_with('A') { "B" } else { "A" };
    let with = |post: Post, state: &str| {
        post.change(|body| {
            body["params"]["inputResponses"] =
                json!({ "name": { "action": "accept", "content": { "name": "Ann" } } });
            body["params"]["requestState"] = state.into();
        })
    };
    for bad in [
        "",
        &format!("{flipped}{}", &state[1..]),
        &state[..state.len() - 4],
        &"A".repeat(1024 * 1024),
    ] {
        site.refuses(&with(ask(), bad), 200, -32602).await;
    }
    // Of another call of the same tool, and of another tool.
    let other = ask().change(|body| body["params"]["arguments"] = json!({ "loud": true }));
    let add = Post::add().change(|body| {
        body["params"]["_meta"][CAPABILITIES] = json!({ "elicitation": {} });
    });
    for post in [other, add] {
        let answer = site.send(&with(post, state)).await;
        answer.is_error(-32602);
    }
    let answer = site.send(&with(ask(), state)).await.json();
    assert_eq!(answer["result"]["content"][0]["text"], "hello Ann");
}

#[tokio::test]
async fn a_state_is_good_for_nobody_else() {
    let endpoint = server(&Arc::default()).into_http_service().unwrap();
    let of = |name: &str| {
        Router::new()
            .nest_service("/mcp", endpoint.clone())
            .layer(Extension(Principal::new(name)))
    };
    let mut alice = application(of("alice")).await;
    let mut eve = application(of("eve")).await;
    let first = alice.send(&ask()).await.json();
    let again = ask().change(|body| {
        body["params"]["inputResponses"] =
            json!({ "name": { "action": "accept", "content": { "name": "Ann" } } });
        body["params"]["requestState"] = first["result"]["requestState"].clone();
    });
    eve.send(&again).await.is_error(-32602);
    let answer = alice.send(&again).await.json();
    assert_eq!(answer["result"]["content"][0]["text"], "hello Ann");
}

#[tokio::test]
async fn what_a_client_can_do_is_said_with_each_request() {
    let site = Site::start().await;
    let mut connection = site.connect().await;
    assert_eq!(connection.send(&ask()).await.status, 200);
    // The one before it on the same connection said more.
    let silent = connection.send(&Post::call("ask", json!({}))).await;
    assert_eq!(silent.status, 400);
    silent.is_error(-32021);
    let pages = ask().change(|body| {
        body["params"]["_meta"][CAPABILITIES] = json!({ "elicitation": { "url": {} } });
    });
    let answer = connection.send(&pages).await;
    assert_eq!(answer.status, 400);
    answer.is_error(-32021);
}
