//! Mistakes of the configuration are told when the endpoint is made.

use std::{sync::Arc, time::Duration};

use mcp_runtime::{
    Error, Principal,
    auth::{ApiKeys, Auth, Introspection, Jwt, JwtAlgorithm, JwtKey},
};

use crate::{
    site::server,
    tokens::{RESOURCE, SECRET},
};

fn problems(auth: Auth) -> Vec<String> {
    let http = server(&Arc::default()).build().unwrap().http();
    match http.auth(auth).service() {
        Ok(_) => Vec::new(),
        Err(Error::Build(problems)) => problems,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let short = JwtKey::secret(JwtAlgorithm::Hs256, "short");
    let auth = Auth::new("mcp")
        .issuer("http://issuer.test")
        .verifier(Jwt::key(short).leeway(Duration::from_secs(61)))
        .verifier(ApiKeys::new().key("hunter2", Principal::new("x")))
        .verifier(Introspection::new(
            "http://issuer.test/introspect",
            "mcp",
            "",
        ))
        .scopes_supported(["a b", "offline_access"]);
    let problems = problems(auth);
    for words in [
        "`mcp` must be the URL",
        "`http://issuer.test` must be an `https` URL",
        "must have at least 32 bytes",
        "at most 60s apart",
        "an API key must have",
        "`http://issuer.test/introspect` must be",
        "the secret of an introspection",
        "`a b` is not a scope",
        "`offline_access`",
    ] {
        let told = problems.iter().filter(|problem| problem.contains(words));
        assert_eq!(told.count(), 1, "{words}: {problems:?}");
    }
    assert_eq!(problems.len(), 9);
}

#[test]
fn a_header_carries_one_token() {
    let key = JwtKey::secret(JwtAlgorithm::Hs256, SECRET);
    let auth = Auth::new(RESOURCE).verifier(Jwt::key(key).issuer("https://i.test"));
    let http = server(&Arc::default()).build().unwrap().http();
    let Err(Error::Build(problems)) = http.local_token(true).auth(auth).service() else {
        panic!("it is a mistake");
    };
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("`local_token`"), "{problems:?}");
}

#[test]
fn what_cannot_be_meant_is_a_mistake() {
    let auth = || Auth::new(RESOURCE);
    let key = || JwtKey::secret(JwtAlgorithm::Hs256, SECRET);
    let issued = |key| Jwt::key(key).issuer("https://i.test");
    for (auth, words) in [
        (auth(), "add a verifier"),
        (auth().verifier(Jwt::key(key())), "any issuer"),
        (
            auth().verifier(Jwt::discover("https://i.test").or_key(key())),
            "a second verifier",
        ),
        (
            auth().verifier(Jwt::jwks("http://issuer.test/keys").issuer("https://issuer.test")),
            "`https` URL",
        ),
        (
            auth().verifier(Jwt::discover("http://issuer.test")),
            "`https` URL",
        ),
        (
            auth().verifier(Jwt::discover("https://user:pw@issuer.test")),
            "`https` URL",
        ),
        (auth().verifier(issued(key()).audience("")), "audience"),
        (
            auth().verifier(issued(JwtKey::pem(JwtAlgorithm::Rs256, "x"))),
            "PEM",
        ),
        (
            auth().verifier(issued(JwtKey::pem(JwtAlgorithm::Hs256, "x"))),
            "JwtKey::secret",
        ),
        (
            auth().verifier(issued(JwtKey::secret(JwtAlgorithm::Es256, SECRET))),
            "JwtKey::pem",
        ),
        (
            auth().verifier(Jwt::github_actions("example/*")),
            "one repository (`example/website`)",
        ),
        (
            auth().verifier(ApiKeys::new().digest("abc", Principal::new("x"))),
            "64 hexadecimal",
        ),
        (
            Auth::new("https://a.test/mcp#x").verifier(ApiKeys::new()),
            "must be the URL",
        ),
        (
            auth()
                .verifier(ApiKeys::new())
                .required_scopes(["offline_access"]),
            "`offline_access`",
        ),
    ] {
        let problems = problems(auth);
        assert_eq!(problems.len(), 1, "{words}: {problems:?}");
        assert!(problems[0].contains(words), "{words}: {problems:?}");
    }
    let fine = auth().verifier(Jwt::discover("http://localhost:1234"));
    assert_eq!(problems(fine), [""; 0]);
}

#[test]
fn the_common_providers_are_set_up() {
    for jwt in [
        Jwt::auth0("example.eu.auth0.com"),
        Jwt::azure("tenant", "application"),
        Jwt::google("client.apps.googleusercontent.com"),
        Jwt::github_actions("example"),
        Jwt::github_actions("example/website"),
        Jwt::keycloak("https://keycloak.example.com", "main"),
        Jwt::workos("example.authkit.app"),
    ] {
        assert_eq!(problems(Auth::new(RESOURCE).verifier(jwt)), [""; 0]);
    }
}

#[test]
fn secrets_are_never_shown() {
    let secret = "the secret of this introspection";
    let introspection = Introspection::new("https://issuer.test", "mcp", secret);
    let jwt = Jwt::key(JwtKey::secret(JwtAlgorithm::Hs256, SECRET));
    let shown = format!("{introspection:?} {jwt:?}");
    let auth = Auth::new(RESOURCE).verifier(introspection).verifier(jwt);
    let shown = format!("{shown} {auth:?}");
    assert!(
        !shown.contains(secret) && !shown.contains(SECRET),
        "{shown}"
    );
}
