//! Tokens, as an authorization server makes them.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

pub(crate) const RESOURCE: &str = "http://localhost:8080/mcp";
pub(crate) const ISSUER: &str = "https://issuer.test";
pub(crate) const SECRET: &str = "a secret that only the tests of this crate know";

/// The public half of the first pair of keys.
pub(crate) const PUBLIC: &str = include_str!("keys/one.pub.pem");

/// Pairs of RSA keys: the private one in PEM, and the modulus of the public one.
const PAIRS: [(&str, &str); 2] = [
    (include_str!("keys/one.pem"), include_str!("keys/one.n")),
    (include_str!("keys/two.pem"), include_str!("keys/two.n")),
];

/// Seconds from now.
pub(crate) fn within(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + seconds
}

/// What a token says that counts.
pub(crate) fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": RESOURCE, "sub": "alice", "exp": within(60) })
}

/// The same with some claims changed; those that are `null` are left out.
pub(crate) fn claims_with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

/// A token under the shared secret.
pub(crate) fn token(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    encode(&Header::default(), claims, &key).unwrap()
}

/// A token under one of the pairs of keys, which is called by an identifier, or not.
pub(crate) fn signed<'a>(pair: usize, id: impl Into<Option<&'a str>>, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = id.into().map(ToOwned::to_owned);
    let key = EncodingKey::from_rsa_pem(PAIRS[pair].0.as_bytes()).unwrap();
    encode(&header, claims, &key).unwrap()
}

/// The public half of a pair of keys as it stands in a set.
pub(crate) fn public(pair: usize, id: &str) -> Value {
    json!({ "kty": "RSA", "use": "sig", "kid": id, "n": PAIRS[pair].1.trim(), "e": "AQAB" })
}
