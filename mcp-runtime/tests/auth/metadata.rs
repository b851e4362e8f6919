//! What clients read to find out where they get tokens.

use mcp_runtime::auth::{Auth, Jwt, JwtAlgorithm, JwtKey};
use serde_json::json;

use crate::{
    client::Post,
    site::Site,
    tokens::{ISSUER, SECRET},
};

const PATH: &str = "/.well-known/oauth-protected-resource/mcp";
const ROOT: &str = "/.well-known/oauth-protected-resource";

fn full(auth: Auth) -> Auth {
    let jwt = Jwt::key(JwtKey::secret(JwtAlgorithm::Hs256, SECRET)).issuer(ISSUER);
    auth.name("Files")
        .issuer("https://second.test")
        .verifier(jwt)
        .scopes_supported(["files:read"])
}

fn request(method: &str, path: &str) -> Post {
    let mut request = Post::new("")
        .header("Host", "anything.example")
        .header("Origin", "https://app.test");
    request.line = format!("{method} {path} HTTP/1.1");
    request
}

#[tokio::test]
async fn the_document_says_what_is_protected_and_by_whom() {
    let site = Site::start(full).await;
    for path in [PATH, ROOT] {
        let answer = site.send(&request("GET", path)).await;
        assert_eq!(answer.status, 200);
        let document = json!({
            "resource": "http://localhost:8080/mcp",
            "authorization_servers": ["https://second.test", ISSUER],
            "scopes_supported": ["files:read"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Files",
        });
        assert_eq!(answer.json(), document);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("cache-control"), "public, max-age=3600");
        let preflight = site.send(&request("OPTIONS", path)).await;
        assert_eq!(
            (
                preflight.status,
                preflight.header("access-control-allow-origin")
            ),
            (204, "*")
        );
        assert_eq!(site.send(&request("POST", path)).await.status, 405);
    }
    assert_eq!(
        site.send(&request("GET", &format!("{ROOT}/other")))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn without_an_authorization_server_there_is_no_document() {
    let by_nobody = |_: &http::request::Parts| async { Ok(None) };
    let site = Site::start(|auth| auth.verifier(by_nobody)).await;
    assert_eq!(site.send(&request("GET", PATH)).await.status, 404);
}

#[tokio::test]
async fn pages_may_read_the_challenge() {
    let auth = full(Auth::new("http://localhost:8080/mcp"));
    let site = Site::serve(|http| {
        http.auth(auth)
            .cors(true)
            .allowed_origins(["https://app.test"])
    })
    .await;
    let post = crate::site::whoami_call().header("Origin", "https://app.test");
    let answer = site.send(&post).await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (401, "https://app.test")
    );
    assert!(
        answer
            .header("access-control-expose-headers")
            .contains("www-authenticate")
    );
}
