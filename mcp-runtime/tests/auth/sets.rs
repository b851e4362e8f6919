//! Sets of keys that stand somewhere else.

use std::time::Duration;

use mcp_runtime::auth::Jwt;
use serde_json::{Value, json};

use crate::{
    client::Answer,
    issuer::Issuer,
    site::{Site, bearing},
    tokens::{claims_with, public, signed},
};

const NEVER: Duration = Duration::from_secs(3600);

fn set(keys: &[Value]) -> Value {
    json!({ "keys": keys })
}

/// A token of this authorization server.
fn of(issuer: &Issuer, pair: usize, id: &str) -> String {
    signed(pair, id, &claims_with(json!({ "iss": issuer.url })))
}

async fn site(jwt: Jwt) -> Site {
    Site::start(|auth| auth.verifier(jwt)).await
}

fn at(issuer: &Issuer) -> Jwt {
    Jwt::jwks(format!("{}/keys", issuer.url)).issuer(&issuer.url)
}

#[track_caller]
fn is_unknown(answer: &Answer) {
    assert_eq!(answer.status, 401, "{answer:?}");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.contains("a key that is not known"), "{challenge}");
}

#[tokio::test]
async fn keys_are_read_once_however_many_ask() {
    let issuer = Issuer::start().await;
    issuer.desk.set(set(&[public(0, "one")]));
    for jwt in [at(&issuer), Jwt::discover(&issuer.url)] {
        let before = issuer.desk.asked();
        let site = site(jwt).await;
        let token = of(&issuer, 0, "one");
        let calls = (0..20).map(|_| site.whoami(&token));
        for told in futures_util::future::join_all(calls).await {
            assert_eq!(told["subject"], "alice");
        }
        assert_eq!(issuer.desk.asked() - before, 1);
    }
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_one_lookup_for_each_interval() {
    let issuer = Issuer::start().await;
    issuer.desk.set(set(&[public(0, "one")]));
    let site = site(at(&issuer).lookup_interval(NEVER)).await;
    let good = of(&issuer, 0, "one");
    assert_eq!(site.whoami(&good).await["subject"], "alice");
    let flood: Vec<_> = (0..50)
        .map(|at| of(&issuer, 1, &format!("made up {at}")))
        .collect();
    let calls = flood.iter().map(|token| site.call(token));
    for answer in futures_util::future::join_all(calls).await {
        is_unknown(&answer);
    }
    assert_eq!(issuer.desk.asked(), 1);
    assert_eq!(site.whoami(&good).await["subject"], "alice");
}

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_is_forgotten() {
    let issuer = Issuer::start().await;
    issuer.desk.set(set(&[public(0, "one")]));
    let site = site(at(&issuer).lookup_interval(Duration::ZERO)).await;
    let (one, two) = (of(&issuer, 0, "one"), of(&issuer, 1, "two"));
    // More than once, so that it is remembered.
    for _ in 0..3 {
        assert_eq!(site.whoami(&one).await["subject"], "alice");
    }
    is_unknown(&site.call(&two).await);
    issuer.desk.set(set(&[public(1, "two")]));
    assert_eq!(site.whoami(&two).await["subject"], "alice");
    is_unknown(&site.call(&one).await);
    // The right name does not help the wrong key.
    let forged = site.call(&of(&issuer, 0, "two")).await;
    assert!(forged.header("www-authenticate").contains("the signature"));
}

#[tokio::test]
async fn a_key_without_a_name_or_with_an_old_one_is_found() {
    let unnamed = |pair| {
        let mut key = public(pair, "");
        key.as_object_mut().unwrap().remove("kid");
        key
    };
    for (old, new, id) in [
        (unnamed(0), unnamed(1), None),
        (unnamed(0), unnamed(1), Some("two")),
        (unnamed(0), public(1, "two"), Some("two")),
        (public(0, "one"), public(1, "two"), None),
        (public(0, "same"), public(1, "same"), Some("same")),
    ] {
        let issuer = Issuer::start().await;
        issuer.desk.set(set(std::slice::from_ref(&old)));
        let token = |pair| {
            let claims = claims_with(json!({ "iss": issuer.url }));
            signed(pair, id, &claims)
        };
        let site = site(at(&issuer).lookup_interval(Duration::ZERO)).await;
        assert_eq!(site.whoami(&token(0)).await["subject"], "alice", "{old}");
        issuer.desk.set(set(&[new]));
        assert_eq!(site.whoami(&token(1)).await["subject"], "alice", "{old}");
        assert_eq!(site.call(&token(0)).await.status, 401, "{old}");
    }
}

#[tokio::test]
async fn a_flood_of_wrong_signatures_is_one_lookup_for_each_interval() {
    let issuer = Issuer::start().await;
    issuer.desk.set(set(&[public(0, "one")]));
    let site = site(at(&issuer).lookup_interval(NEVER)).await;
    let forged = of(&issuer, 1, "one");
    for answer in futures_util::future::join_all((0..20).map(|_| site.call(&forged))).await {
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    assert_eq!(issuer.desk.asked(), 1);
}

#[tokio::test]
async fn keys_count_while_the_authorization_server_is_down() {
    let issuer = Issuer::start().await;
    let good = of(&issuer, 0, "one");
    let stale = at(&issuer)
        .keys_fresh_for(Duration::ZERO)
        .lookup_interval(Duration::ZERO);
    let site = site(stale).await;
    // Nobody can tell yet.
    let answer = site.call(&good).await;
    assert_eq!(
        (answer.status, answer.has_header("www-authenticate")),
        (503, false)
    );
    issuer.desk.set(set(&[public(0, "one")]));
    assert_eq!(site.whoami(&good).await["subject"], "alice");
    issuer.desk.set(None);
    let before = issuer.desk.asked();
    for _ in 0..3 {
        assert_eq!(site.whoami(&good).await["subject"], "alice");
    }
    // They are asked for in the meantime.
    while issuer.desk.asked() == before {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn keys_do_not_count_for_ever() {
    let issuer = Issuer::start().await;
    issuer.desk.set(set(&[public(0, "one")]));
    let old = at(&issuer).keys_usable_for(Duration::from_nanos(1));
    let site = site(old).await;
    assert_eq!(site.call(&of(&issuer, 0, "one")).await.status, 503);
}

#[tokio::test]
async fn a_lookup_goes_on_when_its_caller_goes() {
    let issuer = Issuer::start().await;
    issuer.desk.set(set(&[public(0, "one")]));
    *issuer.desk.slow.lock().unwrap() = true;
    let site = site(at(&issuer).lookup_interval(NEVER)).await;
    let token = of(&issuer, 0, "one");
    let mut gone = site.connect().await;
    gone.write(bearing(&token).bytes()).await;
    while issuer.desk.asked() == 0 {
        tokio::task::yield_now().await;
    }
    drop(gone);
    *issuer.desk.slow.lock().unwrap() = false;
    issuer.desk.go.notify_one();
    assert_eq!(site.whoami(&token).await["subject"], "alice");
    assert_eq!(issuer.desk.asked(), 1);
}

#[tokio::test]
async fn a_key_of_a_set_is_for_signatures_of_its_own_kind() {
    let issuer = Issuer::start().await;
    let with = |name: &str, value: Value| {
        let mut key = public(0, "one");
        key[name] = value;
        key
    };
    let oct = json!({ "kty": "oct", "kid": "one", "k": "c2VjcmV0", "alg": "HS256" });
    let unknown = json!({ "kty": "new", "kid": "one", "x": 1 });
    let good = of(&issuer, 0, "one");
    for (keys, status) in [
        (vec![unknown, public(0, "one")], 200),
        (vec![with("alg", json!("RS256"))], 200),
        (vec![with("alg", json!("RS512")), public(1, "two")], 401),
        (vec![with("alg", json!("HS256")), public(1, "two")], 401),
        (vec![with("use", json!("enc")), public(1, "two")], 401),
        (vec![oct], 503),
        (vec![], 503),
    ] {
        issuer.desk.set(set(&keys));
        let site = site(at(&issuer)).await;
        assert_eq!(site.call(&good).await.status, status, "{keys:?}");
    }
}
