//! API keys.

use mcp_runtime::{
    Principal,
    auth::{ApiKeys, Denied, Jwt, JwtAlgorithm, JwtKey, secrecy::ExposeSecret},
};
use serde_json::json;

use crate::{
    site::{METADATA, Site, bearing, whoami_call},
    tokens::{ISSUER, SECRET, claims, token},
};

const KEY: &str = "mcp_a-key-that-nobody-guesses";

#[tokio::test]
async fn a_key_is_one_until_it_is_revoked() {
    let keys = ApiKeys::new().key(KEY, Principal::new("nightly").with_scope("files"));
    let handle = keys.clone();
    let site = Site::start(|auth| auth.verifier(keys)).await;
    let told = json!({ "subject": "nightly", "client": null, "scopes": ["files"], "actor": null, "seen": [] });
    assert_eq!(site.whoami(KEY).await, told);
    let header = whoami_call().header("X-API-Key", KEY);
    let answer = site.send(&header).await;
    assert_eq!(answer.json()["result"]["structuredContent"], told);
    // There is no authorization server to tell of.
    site.challenges(&whoami_call(), 401, "Bearer").await;
    let invalid =
        |reason: &str| format!("Bearer error=\"invalid_token\", error_description=\"{reason}\"");
    let unknown = invalid("nobody knows this token");
    site.challenges(&bearing("mcp_another"), 401, &unknown)
        .await;
    let wrong = whoami_call().header("X-API-Key", "mcp_another");
    site.challenges(&wrong, 401, &unknown).await;
    let two = header.clone().also("X-API-Key", KEY);
    site.challenges(&two, 401, &invalid("there are two API keys"))
        .await;
    // In the middle of a connection.
    let mut connection = site.connect().await;
    assert_eq!(connection.send(&bearing(KEY)).await.status, 200);
    assert!(handle.revoke_subject("nightly"));
    assert_eq!(connection.send(&bearing(KEY)).await.status, 401);
    let second = ApiKeys::generate();
    handle
        .add(second.clone(), Principal::new("weekly"))
        .unwrap();
    let second = second.expose_secret().to_owned();
    assert_eq!(site.whoami(&second).await["subject"], "weekly");
}

#[tokio::test]
async fn a_key_is_looked_for_in_every_list() {
    let second = "mcp_a-key-of-the-second-list";
    let keys = |key: &str, name: &str| ApiKeys::new().key(key, Principal::new(name));
    let (one, two) = (keys(KEY, "nightly"), keys(second, "weekly"));
    let site = Site::start(|auth| auth.verifier(one).verifier(two)).await;
    for (key, name) in [(KEY, "nightly"), (second, "weekly")] {
        assert_eq!(site.whoami(key).await["subject"], name);
        let answer = site.send(&whoami_call().header("X-API-Key", key)).await;
        let told = &answer.json()["result"]["structuredContent"];
        assert_eq!(
            (&told["subject"], &told["seen"]),
            (&json!(name), &json!([]))
        );
    }
}

#[tokio::test]
async fn verifiers_are_asked_in_order_until_one_knows() {
    let keys = ApiKeys::new().key(KEY, Principal::new("nightly"));
    let jwt = Jwt::key(JwtKey::secret(JwtAlgorithm::Hs256, SECRET)).issuer(ISSUER);
    let by_header = |request: &http::request::Parts| {
        let user = request
            .headers
            .get("x-user")
            .and_then(|user| user.to_str().ok());
        let user = user.map(|user| match user {
            "mallory" => Err(Denied::invalid("not you")),
            "nobody" => Err(Denied::unavailable("the directory does not answer")),
            user => Ok(Principal::new(user)),
        });
        async move { user.transpose() }
    };
    let site = Site::start(|auth| auth.verifier(jwt).verifier(keys).verifier(by_header)).await;
    assert_eq!(site.whoami(&token(&claims())).await["subject"], "alice");
    assert_eq!(site.whoami(KEY).await["subject"], "nightly");
    let user = |user: &str| whoami_call().header("X-User", user);
    let answer = site.send(&user("bob")).await;
    assert_eq!(
        answer.json()["result"]["structuredContent"]["subject"],
        "bob"
    );
    let denied = format!(
        "Bearer error=\"invalid_token\", error_description=\"not you\", resource_metadata=\"{METADATA}\""
    );
    site.challenges(&user("mallory"), 401, &denied).await;
    let answer = site.send(&user("nobody")).await;
    assert_eq!(
        (answer.status, answer.has_header("www-authenticate")),
        (503, false)
    );
}
