//! Sessions, and whatever else belongs to somebody.

use serde_json::json;

use super::server::{Caller, FULL, OTHER, site};
use crate::client::Post;

#[tokio::test]
async fn the_session_of_somebody_else_does_not_exist() {
    let site = site().await;
    let alice = Caller::session(&site, "alice", FULL).await;
    alice.subscribe("secret://one").await;
    let call = json!({ "name": "count", "_meta": { "progressToken": 1 } });
    let counting = alice.with("alice", "files:read files:write counting");
    let mut stream = counting.stream(&counting.request("tools/call", call)).await;
    while stream.next().await.is_some() {}
    // All rights that there are, but of another subject, or of the same one elsewhere.
    for thief in [alice.with("bob", FULL), alice.of(OTHER)] {
        let mut nowhere = thief.clone();
        nowhere.session = Some("x".into());
        let asks = |caller: &Caller<'_>| {
            let request = |method: &str, params| caller.request(method, params);
            let reference = json!({ "type": "ref/prompt", "name": "explain" });
            let argument = json!({ "name": "name", "value": "" });
            let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 7 } });
            let answer = json!({ "jsonrpc": "2.0", "id": 1, "result": { "action": "accept" } });
            [
                request("tools/list", json!({})),
                request("resources/list", json!({})),
                request("resources/templates/list", json!({})),
                request("prompts/list", json!({})),
                request(
                    "completion/complete",
                    json!({ "ref": reference, "argument": argument }),
                ),
                request(
                    "tools/call",
                    json!({ "name": "write_file", "arguments": { "name": "a" } }),
                ),
                request("tools/call", json!({ "name": "write_fil" })),
                request("resources/read", json!({ "uri": "secret://one" })),
                request("prompts/get", json!({ "name": "explain" })),
                request("resources/subscribe", json!({ "uri": "secret://one" })),
                request("resources/unsubscribe", json!({ "uri": "secret://one" })),
                request("ping", json!({})),
                caller.message(&cancelled),
                caller.message(&answer),
                caller.bare("GET"),
                caller.bare("GET").header("Last-Event-ID", &stream.last),
                caller.bare("DELETE"),
            ]
        };
        for (stolen, unknown) in asks(&thief).iter().zip(asks(&nowhere)) {
            let answer = thief.send(stolen).await;
            let unknown = thief.send(&unknown).await;
            assert_eq!(answer.status, 404, "{stolen:?} {answer:?}");
            assert_eq!(answer.body, unknown.body, "{stolen:?}");
        }
    }
    // And nothing of it is gone.
    let mut heard = alice.stream(&alice.bare("GET")).await;
    alice.touch("secret://one").await;
    let told = heard.next().await.unwrap();
    assert_eq!(told["params"]["uri"], "secret://one");
    let resumed = counting.bare("GET").header("Last-Event-ID", &stream.last);
    assert_eq!(counting.send(&resumed).await.status, 200);
}

#[tokio::test]
async fn the_rooms_of_two_issuers_are_not_one() {
    let service = super::server::server().build().unwrap();
    let http = service.http().auth(super::server::auth());
    let site = crate::site::Site::with(http.max_sessions_per_principal(1)).await;
    let alice = Caller::session(&site, "alice", FULL).await;
    Caller::session(&site, "bob", FULL).await;
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "x", "version": "1" },
    });
    let open = |caller: Caller<'_>| {
        let mut caller = caller;
        caller.session = None;
        caller.post(Post::legacy(None, "initialize", params.clone()))
    };
    assert_eq!(site.send(&open(alice.clone())).await.status, 503);
    assert_eq!(site.send(&open(alice.of(OTHER))).await.status, 200);
}

#[tokio::test]
async fn the_questions_of_somebody_else_are_not_taken_up() {
    let site = site().await;
    let alice = Caller::modern(&site, "alice", FULL);
    let params = json!({ "name": "confirm", "arguments": {} });
    let can = |post: Post| {
        post.change(|body| {
            body["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
                json!({ "elicitation": { "form": {} } });
        })
    };
    let asked = can(alice.request("tools/call", params.clone()));
    let state = alice.send(&asked).await.json()["result"]["requestState"].take();
    assert!(state.is_string());
    let again = |caller: &Caller<'_>| {
        can(caller.request("tools/call", params.clone())).change(|body| {
            let answer = json!({ "action": "accept", "content": { "yes": true } });
            body["params"]["inputResponses"] = json!({ "sure": answer });
            body["params"]["requestState"] = state.clone();
        })
    };
    let forged = again(&alice).change(|body| body["params"]["requestState"] = "forged".into());
    let forged = alice.send(&forged).await;
    for thief in [alice.with("bob", FULL), alice.of(OTHER)] {
        let answer = thief.send(&again(&thief)).await;
        assert_eq!((answer.status, &answer.body), (forged.status, &forged.body));
    }
    // Who has lost the right to call does not get further by an earlier question.
    let lost = alice.with("alice", "other");
    assert_eq!(lost.send(&again(&lost)).await.status, 403);
    let answer = alice.send(&again(&alice)).await.json();
    assert_eq!(answer["result"]["content"][0]["text"], "true");
}

#[tokio::test]
async fn a_session_of_2024_11_05_is_that_of_its_owner_too() {
    let service = super::server::server().build().unwrap();
    let http = service.http().auth(super::server::auth());
    let site = crate::site::Site::with(http.sse("/sse", "/messages")).await;
    let alice = Caller::modern(&site, "alice", FULL);
    let mut get = alice.bare("GET");
    get.line = "GET /sse HTTP/1.1".into();
    let mut connection = site.connect().await;
    connection.write(get.bytes()).await;
    assert_eq!(connection.answer_head().await.status, 200);
    let first = String::from_utf8(connection.chunk().await.unwrap()).unwrap();
    let path = first
        .lines()
        .find_map(|line| line.strip_prefix("data: "))
        .unwrap();
    let ping = |caller: &Caller<'_>, path: &str| {
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let mut post = caller.message(&ping).without("MCP-Protocol-Version");
        post.line = format!("POST {path} HTTP/1.1");
        post
    };
    let nowhere = alice.send(&ping(&alice, "/messages?sessionId=x")).await;
    for thief in [alice.with("bob", FULL), alice.of(OTHER)] {
        let answer = thief.send(&ping(&thief, path)).await;
        assert_eq!((answer.status, &answer.body), (404, &nowhere.body));
    }
    assert_eq!(alice.send(&ping(&alice, path)).await.status, 202);
}
