//! Scopes: those of every request, and those of handlers.

use std::{io, sync::mpsc, time::Duration};

use mcp_runtime::{
    audit::{Audit, Sink},
    auth::{Auth, Jwt, JwtAlgorithm, JwtKey},
};
use serde_json::{Value, json};

use crate::{
    client::Post,
    site::{METADATA, Site, bearing},
    tokens::{ISSUER, RESOURCE, SECRET, claims_with, token},
};

fn jwt(auth: Auth) -> Auth {
    auth.verifier(Jwt::key(JwtKey::secret(JwtAlgorithm::Hs256, SECRET)).issuer(ISSUER))
}

/// A token with these scopes.
fn with(scopes: &str) -> String {
    token(&claims_with(json!({ "scope": scopes })))
}

fn by(post: Post, scopes: &str) -> Post {
    post.header("Authorization", &format!("Bearer {}", with(scopes)))
}

fn lacks(scopes: &str) -> String {
    format!(
        "Bearer error=\"insufficient_scope\", scope=\"{scopes}\", resource_metadata=\"{METADATA}\""
    )
}

/// The requests that need scopes, and which.
fn guarded() -> [(Post, &'static str); 4] {
    let call = json!({ "name": "admin_only", "arguments": {} });
    let read = json!({ "uri": "file:///books" });
    let legacy = |method: &str, params: Value| Post::legacy(Some("2025-11-25"), method, params);
    [
        (
            Post::modern("tools/call", call.clone()),
            "admin files:write",
        ),
        (legacy("tools/call", call), "admin files:write"),
        (Post::modern("resources/read", read.clone()), "files:read"),
        (legacy("resources/read", read), "files:read"),
    ]
}

#[tokio::test]
async fn all_scopes_of_an_operation_are_told_at_once() {
    let site = Site::start(jwt).await;
    for (post, scopes) in guarded() {
        for own in ["", "other", "admin"] {
            let answer = site.send(&by(post.clone(), own)).await;
            assert_eq!(answer.status, 403, "{answer:?}");
            assert_eq!(answer.header("www-authenticate"), lacks(scopes));
            assert_eq!(answer.json()["id"], 7);
            answer.is_error(-32600);
        }
        assert_eq!(site.send(&by(post.clone(), scopes)).await.status, 200);
        assert_eq!(
            site.send(&by(post, "admin files:write files:read"))
                .await
                .status,
            200
        );
    }
    assert_eq!(site.runs.load(std::sync::atomic::Ordering::SeqCst), 8);
}

#[tokio::test]
async fn a_token_that_loses_a_scope_loses_it_within_a_connection() {
    let site = Site::start(jwt).await;
    let mut connection = site.connect().await;
    let [(post, scopes), ..] = guarded();
    assert_eq!(connection.send(&by(post.clone(), scopes)).await.status, 200);
    assert_eq!(connection.send(&by(post, "admin")).await.status, 403);
    for (scopes, tools) in [(scopes, 2), ("admin", 1)] {
        let list = by(Post::modern("tools/list", json!({})), scopes);
        let answer = connection.send(&list).await.json();
        let listed = answer["result"]["tools"].as_array().unwrap();
        assert_eq!(
            (listed.len(), &answer["result"]["cacheScope"]),
            (tools, &json!("private"))
        );
    }
}

#[tokio::test]
async fn broader_scopes_include_others() {
    let site = Site::start(|auth| {
        jwt(auth)
            .implies("root", ["admin"])
            .scope_rule(|has, needs| {
                needs
                    .strip_prefix(has)
                    .is_some_and(|rest| rest.starts_with(':'))
            })
    })
    .await;
    for (post, _) in guarded() {
        assert_eq!(site.send(&by(post.clone(), "root files")).await.status, 200);
        assert_eq!(site.send(&by(post, "roots")).await.status, 403);
    }
}

#[tokio::test]
async fn every_request_needs_the_scopes_that_all_need() {
    let site = Site::start(|auth| jwt(auth).required_scopes(["files:read", "basic"])).await;
    site.challenges(&bearing(&with("basic")), 403, &lacks("files:read basic"))
        .await;
    assert_eq!(site.call(&with("basic files:read")).await.status, 200);
    let [(admin, _), _, (books, _), _] = guarded();
    let answer = site.send(&by(admin, "basic files:read")).await;
    assert_eq!(
        answer.header("www-authenticate"),
        lacks("files:read basic admin files:write")
    );
    assert_eq!(site.send(&by(books, "basic files:read")).await.status, 200);
}

#[tokio::test]
async fn a_token_that_loses_a_scope_loses_it_within_a_session() {
    let site = Site::start(jwt).await;
    let legacy = |method: &str, params: Value| Post::legacy(Some("2025-11-25"), method, params);
    let client = json!({ "name": "test", "version": "1" });
    let hello =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let all = "admin files:write";
    let opened = site.send(&by(legacy("initialize", hello), all)).await;
    let session = opened.header("mcp-session-id");
    let send = async |method: &str, params: Value, scopes: &str| {
        let post = legacy(method, params).header("Mcp-Session-Id", session);
        site.send(&by(post, scopes)).await
    };
    let call = json!({ "name": "admin_only", "arguments": {} });
    assert_eq!(send("tools/call", call.clone(), all).await.status, 200);
    let answer = send("tools/call", call, "admin").await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), lacks(all));
    for (scopes, tools) in [(all, 2), ("admin", 1)] {
        let listed = send("tools/list", json!({}), scopes).await.json();
        assert_eq!(listed["result"]["tools"].as_array().unwrap().len(), tools);
    }
    assert_eq!(site.runs.load(std::sync::atomic::Ordering::SeqCst), 1);
}

struct Channel(mpsc::Sender<Vec<u8>>);

impl Sink for Channel {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.0.send(lines.to_vec()).map_err(io::Error::other)
    }
}

#[tokio::test]
async fn a_call_that_is_turned_away_has_a_record() {
    let (sender, lines) = mpsc::channel();
    let audit = Audit::new(Channel(sender));
    let auth = jwt(Auth::new(RESOURCE));
    let site = Site::of(|server| server.audit(audit), |http| http.auth(auth)).await;
    let [(call, _), ..] = guarded();
    assert_eq!(site.send(&by(call, "admin")).await.status, 403);
    let line = lines.recv_timeout(Duration::from_secs(10)).unwrap();
    let record: Value = serde_json::from_slice(&line).unwrap();
    assert_eq!(
        (&record["name"], &record["error"]),
        (&json!("admin_only"), &json!("forbidden")),
        "{record}"
    );
}
