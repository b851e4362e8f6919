//! Tokens that only their authorization server can read.

use std::{sync::atomic::Ordering, time::Duration};

use mcp_runtime::auth::Introspection;
use serde_json::{Value, json};

use crate::{
    issuer::Issuer,
    site::Site,
    tokens::{RESOURCE, within},
};

fn active() -> Value {
    json!({ "active": true, "aud": RESOURCE, "sub": "alice", "client_id": "app", "scope": "a b", "exp": within(60) })
}

async fn site(issuer: &Issuer, change: impl FnOnce(Introspection) -> Introspection) -> Site {
    let endpoint = format!("{}/introspect", issuer.url);
    let introspection = change(Introspection::new(endpoint, "mcp:1", "a secret"));
    Site::start(|auth| auth.issuer(&issuer.url).verifier(introspection)).await
}

#[tokio::test]
async fn the_authorization_server_is_asked_and_its_answer_kept() {
    let issuer = Issuer::start().await;
    issuer.desk.set(active());
    let site = site(&issuer, |introspection| introspection).await;
    for _ in 0..3 {
        let told = site.whoami("opaque/1").await;
        assert_eq!(
            (&told["subject"], &told["client"]),
            (&json!("alice"), &json!("app"))
        );
        assert_eq!(
            (&told["scopes"], &told["seen"]),
            (&json!(["a", "b"]), &json!([]))
        );
    }
    assert_eq!(issuer.desk.asked(), 1);
    let (form, credentials) = issuer.desk.form.lock().unwrap().clone();
    assert_eq!(form, "token=opaque%2F1&token_type_hint=access_token");
    // `mcp%3A1:a%20secret`
    assert_eq!(credentials, "Basic bWNwJTNBMTphJTIwc2VjcmV0");
    issuer.desk.set(json!({ "active": false }));
    assert_eq!(site.call("opaque/2").await.status, 401);
    assert_eq!(site.call("opaque/1").await.status, 200);
}

#[tokio::test]
async fn a_token_that_is_not_for_this_server_does_not_count() {
    let issuer = Issuer::start().await;
    let with = |name: &str, value: Value| {
        let mut answer = active();
        answer[name] = value;
        answer
    };
    let site = site(&issuer, |introspection| introspection).await;
    for (at, (answer, status)) in [
        (with("active", json!(false)), 401),
        (with("active", json!("true")), 401),
        (with("aud", json!("https://other.test")), 401),
        (with("aud", Value::Null), 401),
        (with("aud", json!(["https://other.test", RESOURCE])), 200),
        (with("exp", json!(within(-1))), 401),
        (with("nbf", json!(within(60))), 401),
        (with("iss", json!("https://other.test")), 401),
        (with("iss", json!(issuer.url)), 200),
        (json!([]), 503),
    ]
    .into_iter()
    .enumerate()
    {
        issuer.desk.set(answer.clone());
        let answered = site.call(&format!("opaque{at}")).await;
        assert_eq!(answered.status, status, "{answer}");
    }
    assert_eq!(site.runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn nobody_is_let_in_while_the_authorization_server_is_down() {
    let issuer = Issuer::start().await;
    let site = site(&issuer, |introspection| {
        introspection.cache_for(Duration::ZERO)
    })
    .await;
    assert_eq!(site.call("opaque").await.status, 503);
    issuer.desk.set(active());
    assert_eq!(site.whoami("opaque").await["subject"], "alice");
    assert_eq!(site.whoami("opaque").await["subject"], "alice");
    assert_eq!(issuer.desk.asked(), 3);
}

#[tokio::test]
async fn github_answers_for_the_tokens_of_one_app() {
    let issuer = Issuer::start().await;
    let github = Introspection::github_enterprise(&issuer.url, "app", "a secret");
    let site = Site::start(|auth| auth.verifier(github)).await;
    let answer = |client: &str| json!({ "scopes": ["repo"], "app": { "client_id": client }, "user": { "id": 7, "login": "alice" } });
    issuer.desk.set(answer("app"));
    let told = site.whoami("gho_1").await;
    assert_eq!(
        (&told["subject"], &told["scopes"]),
        (&json!("7"), &json!(["repo"]))
    );
    let (form, credentials) = issuer.desk.form.lock().unwrap().clone();
    assert_eq!(form, r#"{"access_token":"gho_1"}"#);
    assert_eq!(credentials, "Basic YXBwOmEgc2VjcmV0");
    issuer.desk.set(answer("another"));
    assert_eq!(site.call("gho_2").await.status, 401);
    issuer
        .desk
        .set(json!({ "scopes": ["repo"], "app": { "client_id": "app" } }));
    assert_eq!(site.call("gho_3").await.status, 401);
    for (token, end, status) in [
        ("gho_4", json!("2020-01-01T00:00:00Z"), 401),
        ("gho_5", json!("tomorrow"), 401),
        ("gho_6", json!("2999-01-01T00:00:00Z"), 200),
        ("gho_7", Value::Null, 200),
    ] {
        let mut answer = answer("app");
        answer["expires_at"] = end;
        issuer.desk.set(answer);
        assert_eq!(site.call(token).await.status, status, "{token}");
    }
}
