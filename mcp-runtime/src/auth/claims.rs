//! What a token says about its owner.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::{Denied, resource::is_same};
use crate::Principal;

/// The claims that scopes stand in everywhere.
const SCOPES: [&str; 2] = ["scope", "scp"];

/// How many actors may act for one another.
const MAX_ACTORS: usize = 8;

/// Refuses a token that is not for one of `audiences`. It may be for others, too.
pub(super) fn check_audience(
    claims: &Map<String, Value>,
    audiences: &[String],
) -> Result<(), Denied> {
    let is_ours = |audience: &Value| {
        let audience = audience.as_str();
        audience.is_some_and(|audience| audiences.iter().any(|own| is_same(own, audience)))
    };
    let found = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(is_ours),
        Some(one) => is_ours(one),
        None => false,
    };
    if found {
        return Ok(());
    }
    Err(Denied::invalid(
        "the token is for somebody else: its audience is not this server",
    ))
}

/// The owner of a token. Scopes stand in the usual claims and in those of `further`. The token counts for `leeway` longer than it says.
pub(super) fn principal(
    claims: Map<String, Value>,
    further: &[String],
    leeway: Duration,
) -> Result<Principal, Denied> {
    let mut principal = identity(&claims)?;
    if let Some(issuer) = claims.get("iss").and_then(Value::as_str) {
        principal = principal.with_issuer(issuer);
    }
    if let Some(end) = time(&claims, "exp").and_then(|end| end.checked_add(leeway)) {
        principal = principal.with_expiry(end);
    }
    for name in SCOPES.into_iter().chain(further.iter().map(|name| &**name)) {
        for scope in claims.get(name).into_iter().flat_map(words) {
            // The same scope may stand in two claims.
            if !principal.scopes().iter().any(|own| own == scope) {
                principal = principal.with_scope(scope);
            }
        }
    }
    if let Some(actor) = actor(claims.get("act"), MAX_ACTORS)? {
        principal = principal.with_actor(actor);
    }
    Ok(claims
        .into_iter()
        .fold(principal, |principal, (name, value)| {
            principal.with_claim(name, value)
        }))
}

/// A point in time, if the claim is one.
fn time(claims: &Map<String, Value>, name: &str) -> Option<SystemTime> {
    let seconds = claims.get(name).and_then(Value::as_f64)?;
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    UNIX_EPOCH.checked_add(since)
}

/// Who it is: somebody, or a service that acts for nobody and has no name but that of its client.
fn identity(claims: &Map<String, Value>) -> Result<Principal, Denied> {
    let text = |name| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let client = text("client_id").or_else(|| text("azp"));
    let subject = text("sub").or(client);
    let principal = Principal::new(
        subject.ok_or_else(|| Denied::invalid("the token does not say whose it is"))?,
    );
    Ok(match client {
        Some(client) => principal.with_client(client),
        None => principal,
    })
}

/// Who acts for somebody: RFC 8693.
fn actor(claim: Option<&Value>, room: usize) -> Result<Option<Principal>, Denied> {
    let Some(claim) = claim else {
        return Ok(None);
    };
    let invalid = || Denied::invalid("the token says in no known way who acts for its owner");
    let claims = claim.as_object().filter(|_| room > 0).ok_or_else(invalid)?;
    let mut principal = identity(claims)?;
    if let Some(actor) = actor(claims.get("act"), room - 1)? {
        principal = principal.with_actor(actor);
    }
    let claims = claims.iter().filter(|(name, _)| *name != "act");
    Ok(Some(claims.fold(principal, |principal, (name, value)| {
        principal.with_claim(name, value.clone())
    })))
}

/// The words of a text, or of a list of texts.
fn words(value: &Value) -> impl Iterator<Item = &str> {
    let (one, many) = match value {
        Value::Array(many) => (None, &**many),
        one => (Some(one), &[][..]),
    };
    let texts = one.into_iter().chain(many).filter_map(Value::as_str);
    texts.flat_map(str::split_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn read(value: &Value) -> Result<Principal, Denied> {
        let leeway = Duration::from_secs(30);
        principal(map(value), &["permissions".into()], leeway)
    }

    #[test]
    fn a_token_ends_when_it_says_and_some_time_later() {
        for (exp, end) in [
            (json!(1_000), Some(1_030.0)),
            (json!(1_000.5), Some(1_030.5)),
            (json!("1000"), None),
            (json!(-1), None),
            (json!(1e300), None),
            (Value::Null, None),
        ] {
            let read = read(&json!({ "sub": "a", "exp": exp })).unwrap().expiry();
            let end = end.map(|end| UNIX_EPOCH + Duration::from_secs_f64(end));
            assert_eq!(read, end, "{exp}");
        }
    }

    #[test]
    fn a_subject_is_one_of_its_issuer() {
        let of = |issuer: &str| read(&json!({ "sub": "a", "iss": issuer })).unwrap();
        assert_eq!(of("https://a").issuer(), Some("https://a"));
        assert_ne!(of("https://a").identity(), of("https://b").identity());
    }

    #[test]
    fn scopes_stand_in_texts_and_lists_and_count_once() {
        for claims in [
            json!({ "sub": "a", "scope": "x y" }),
            json!({ "sub": "a", "scope": ["x", "y"] }),
            json!({ "sub": "a", "scp": "x", "permissions": ["y", "x"] }),
            json!({ "sub": "a", "scope": "x", "scp": ["x", "y"], "roles": ["z"] }),
        ] {
            assert_eq!(read(&claims).unwrap().scopes(), ["x", "y"], "{claims}");
        }
    }

    #[test]
    fn a_service_is_its_own_client() {
        let service = read(&json!({ "client_id": "nightly" })).unwrap();
        assert_eq!(
            (service.subject(), service.client()),
            ("nightly", Some("nightly"))
        );
        let person = read(&json!({ "sub": "alice", "azp": "app" })).unwrap();
        assert_eq!((person.subject(), person.client()), ("alice", Some("app")));
        for nobody in [json!({}), json!({ "sub": "" }), json!({ "sub": 7 })] {
            assert!(read(&nobody).is_err(), "{nobody}");
        }
    }

    #[test]
    fn who_acts_for_whom_is_read_up_to_a_limit() {
        let chain = json!({ "sub": "alice", "act": { "sub": "agent", "act": { "client_id": "bot", "x": 1 } } });
        let alice = read(&chain).unwrap();
        let agent = alice.actor().unwrap();
        assert_eq!(agent.subject(), "agent");
        let bot = agent.actor().unwrap();
        assert_eq!((bot.subject(), bot.claim("x")), ("bot", Some(&json!(1))));
        assert!(bot.actor().is_none());
        let mut deep = json!({ "sub": "x" });
        for _ in 0..=MAX_ACTORS {
            deep = json!({ "sub": "x", "act": deep });
        }
        assert!(read(&deep).is_err());
        assert!(read(&json!({ "sub": "x", "act": "y" })).is_err());
    }

    #[test]
    fn a_token_for_others_alone_is_refused() {
        let audiences = ["https://a.example/mcp".to_owned(), "api://files".to_owned()];
        for (claims, ours) in [
            (json!({ "aud": "https://a.example/mcp" }), true),
            (json!({ "aud": ["x", "https://A.example/mcp/"] }), true),
            (json!({ "aud": "api://files" }), true),
            (json!({ "aud": "https://b.example/mcp" }), false),
            (json!({ "aud": [] }), false),
            (json!({ "aud": { "https://a.example/mcp": 1 } }), false),
            (json!({ "aud": null }), false),
            (json!({}), false),
        ] {
            assert_eq!(
                check_audience(&map(&claims), &audiences).is_ok(),
                ours,
                "{claims}"
            );
        }
    }
}
