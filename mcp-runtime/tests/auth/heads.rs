//! What is told from the head of a request: the rest of it is never read.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use mcp_runtime::auth::{Auth, Jwt, JwtAlgorithm, JwtKey};
use serde_json::{Value, json};

use crate::{
    client::Post,
    site::{METADATA, Site, bearing, whoami_call},
    tokens::{ISSUER, PUBLIC, SECRET, claims, claims_with, signed, token, within},
};

fn hs256() -> Jwt {
    Jwt::key(JwtKey::secret(JwtAlgorithm::Hs256, SECRET)).issuer(ISSUER)
}

fn both(auth: Auth) -> Auth {
    let rs256 = Jwt::key(JwtKey::pem(JwtAlgorithm::Rs256, PUBLIC).id("one"));
    auth.verifier(hs256())
        .verifier(rs256.issuer("https://rsa.test"))
}

/// The challenge to a token.
fn invalid(reason: &str) -> String {
    format!(
        "Bearer error=\"invalid_token\", error_description=\"{reason}\", resource_metadata=\"{METADATA}\""
    )
}

#[tokio::test]
async fn a_token_that_counts_says_who_it_is() {
    let site = Site::start(both).await;
    let told =
        json!({ "subject": "alice", "client": null, "scopes": [], "actor": null, "seen": [] });
    assert_eq!(site.whoami(&token(&claims())).await, told);
    for (changes, field, value) in [
        (
            json!({ "aud": ["https://other.test", "HTTP://LOCALHOST:8080/mcp/"] }),
            "subject",
            json!("alice"),
        ),
        (json!({ "scope": "a b" }), "scopes", json!(["a", "b"])),
        (json!({ "scope": ["a", "b"] }), "scopes", json!(["a", "b"])),
        (json!({ "scp": "a b" }), "scopes", json!(["a", "b"])),
        (json!({ "azp": "app" }), "client", json!("app")),
        (
            json!({ "sub": null, "client_id": "nightly" }),
            "subject",
            json!("nightly"),
        ),
        (
            json!({ "act": { "sub": "agent" } }),
            "actor",
            json!("agent"),
        ),
        (json!({ "exp": within(-20) }), "subject", json!("alice")),
        (json!({ "nbf": within(20) }), "subject", json!("alice")),
    ] {
        let told = site.whoami(&token(&claims_with(changes.clone()))).await;
        assert_eq!(told[field], value, "{changes}");
    }
    let rsa = claims_with(json!({ "iss": "https://rsa.test" }));
    assert_eq!(
        site.whoami(&signed(0, "one", &rsa)).await["subject"],
        "alice"
    );
}

#[tokio::test]
async fn without_a_token_the_challenge_says_where_to_get_one() {
    let site = Site::start(|auth| auth.verifier(hs256()).required_scopes(["files"])).await;
    let challenge = format!("Bearer scope=\"files\", resource_metadata=\"{METADATA}\"");
    site.challenges(&whoami_call(), 401, &challenge).await;
    let basic = whoami_call().header("Authorization", "Basic YTpi");
    site.challenges(&basic, 401, &challenge).await;
    // Nothing else is looked at before.
    let mut wrong = Post::new("x")
        .header("Content-Type", "text/plain")
        .header("Accept", "text/html");
    wrong.line = "DELETE /mcp HTTP/1.1".into();
    site.challenges(&wrong, 401, &challenge).await;
    // But where it comes from is.
    let foreign = bearing(&token(&claims())).header("Host", "evil.example");
    assert_eq!(site.send(&foreign).await.status, 403);
}

#[tokio::test]
async fn a_request_that_proves_itself_in_a_wrong_way_is_refused() {
    let site = Site::start(both).await;
    let good = token(&claims());
    let request = |reason: &str| {
        format!(
            "Bearer error=\"invalid_request\", error_description=\"{reason}\", resource_metadata=\"{METADATA}\""
        )
    };
    let empty = whoami_call().header("Authorization", "Bearer ");
    site.challenges(&empty, 401, &invalid("the token is empty"))
        .await;
    let twice = bearing(&good).also("Authorization", &format!("Bearer {good}"));
    let told = request("the header Authorization stands twice");
    site.challenges(&twice, 400, &told).await;
    let mut query = bearing(&good);
    query.line = format!("POST /mcp?access_token={good} HTTP/1.1");
    let told = request("a token does not belong in the URL: send it in the header Authorization");
    site.challenges(&query, 400, &told).await;
    let long = "x".repeat(20 * 1024);
    site.challenges(&bearing(&long), 401, &invalid("the token is too long"))
        .await;
    // The head of the request is limited, too.
    let huge = site.call(&"x".repeat(64 * 1024)).await;
    assert_eq!(huge.status, 431);
    assert_eq!(site.whoami(&good).await["subject"], "alice");
}

#[tokio::test]
async fn a_token_that_does_not_count_is_refused_with_the_reason() {
    let site = Site::start(both).await;
    let expired = "the token is expired";
    let audience = "the token is for somebody else: its audience is not this server";
    let timeless = "the token does not say when it ends, or not in the right way";
    for (changes, reason) in [
        (json!({ "exp": within(-40) }), expired),
        (json!({ "exp": 0 }), expired),
        (json!({ "exp": null }), timeless),
        (json!({ "exp": "tomorrow" }), timeless),
        (json!({ "nbf": within(40) }), "the token does not count yet"),
        (json!({ "nbf": "x" }), timeless),
        (json!({ "aud": "https://other.test/mcp" }), audience),
        (json!({ "aud": ["https://other.test/mcp"] }), audience),
        (json!({ "aud": "http://localhost:8080/mcp/more" }), audience),
        (json!({ "aud": null }), audience),
        (
            json!({ "iss": "https://evil.test" }),
            "nobody knows this token",
        ),
        (json!({ "iss": [ISSUER] }), "nobody knows this token"),
        (json!({ "iss": null }), "nobody knows this token"),
        (json!({ "sub": null }), "the token does not say whose it is"),
    ] {
        let post = bearing(&token(&claims_with(changes)));
        site.challenges(&post, 401, &invalid(reason)).await;
    }
}

fn unsigned(header: Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}.{signature}", part(&header), part(claims))
}

#[tokio::test]
async fn a_signature_counts_only_by_the_algorithm_of_its_key() {
    let site = Site::start(both).await;
    let rsa = claims_with(json!({ "iss": "https://rsa.test" }));
    // The public key, taken for a secret.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("one".into());
    let confused = encode(&header, &rsa, &EncodingKey::from_secret(PUBLIC.as_bytes())).unwrap();
    let critical = {
        let mut header = Header::new(Algorithm::HS256);
        header.crit = Some(vec!["x".into()]);
        encode(
            &header,
            &claims(),
            &EncodingKey::from_secret(SECRET.as_bytes()),
        )
        .unwrap()
    };
    let other = encode(
        &Header::default(),
        &claims(),
        &EncodingKey::from_secret(b"another secret"),
    )
    .unwrap();
    let hs384 = Header::new(Algorithm::HS384);
    let hs384 = encode(
        &hs384,
        &claims(),
        &EncodingKey::from_secret(SECRET.as_bytes()),
    )
    .unwrap();
    let unknown = "the token is signed with a key that is not known";
    let wrong = "the signature of the token is wrong";
    for (token, reason) in [
        (confused, unknown),
        (hs384, unknown),
        (signed(0, "two", &rsa), unknown),
        (signed(1, "one", &rsa), wrong),
        (other, wrong),
        (critical, "the token has extensions that are not known"),
        (
            unsigned(json!({ "alg": "none" }), &claims(), ""),
            "nobody knows this token",
        ),
        (
            unsigned(json!({ "alg": "NONE" }), &claims(), "e30"),
            "nobody knows this token",
        ),
        (unsigned(json!({ "alg": "HS256" }), &claims(), ""), wrong),
        ("opaque".into(), "nobody knows this token"),
        ("a.b.c".into(), "nobody knows this token"),
    ] {
        site.challenges(&bearing(&token), 401, &invalid(reason))
            .await;
    }
}

#[tokio::test]
async fn a_token_is_seen_by_handlers_only_if_the_author_wants_it() {
    let keeping = |auth: Auth| auth.verifier(hs256()).pass_credentials_to_handlers(true);
    let site = Site::start(keeping).await;
    assert_eq!(
        site.whoami(&token(&claims())).await["seen"],
        json!(["authorization"])
    );
}
