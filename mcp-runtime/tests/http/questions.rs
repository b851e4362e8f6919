//! Handlers that ask the client.

use serde_json::json;

use crate::{client::Post, fixture::Site};

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
