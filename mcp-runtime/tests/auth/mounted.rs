//! The endpoint inside of another application.

use std::sync::Arc;

use axum::{Extension, Router};
use mcp_runtime::{
    Principal,
    auth::{ApiKeys, Auth},
};
use tokio::net::TcpListener;

use crate::{
    client::{Connection, Post},
    site::{METADATA, bearing, server, whoami_call},
    tokens::{ISSUER, RESOURCE},
};

const KEY: &str = "mcp_a-key-that-nobody-guesses";

#[tokio::test]
async fn an_endpoint_that_is_mounted_lets_in_the_same_callers() {
    let keys = ApiKeys::new().key(KEY, Principal::new("nightly"));
    let auth = Auth::new(RESOURCE).issuer(ISSUER).verifier(keys);
    let http = server(&Arc::default()).build().unwrap().http();
    let endpoint = http.auth(auth).service().unwrap();
    let mut app = Router::new();
    let resource = endpoint.protected_resource().unwrap();
    for path in resource.paths() {
        app = app.route_service(path, resource.clone());
    }
    // Whom middleware takes it for does not count.
    let app = app
        .nest_service("/mcp", endpoint)
        .layer(Extension(Principal::new("mallory")));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });

    let mut connection = Connection::open(address).await;
    let answer = connection.send(&whoami_call()).await;
    assert_eq!(answer.status, 401);
    let challenge = format!("Bearer resource_metadata=\"{METADATA}\"");
    assert_eq!(answer.header("www-authenticate"), challenge);
    let answer = connection.send(&bearing(KEY)).await;
    assert_eq!(
        answer.json()["result"]["structuredContent"]["subject"],
        "nightly"
    );
    let mut get = Post::new("");
    get.line = "GET /.well-known/oauth-protected-resource/mcp HTTP/1.1".into();
    assert_eq!(connection.send(&get).await.json()["resource"], RESOURCE);
    // A head that is too long for our own server is not for this one.
    let long = Connection::open(address)
        .await
        .send(&bearing(&"x".repeat(64 * 1024)))
        .await;
    assert_eq!(long.status, 401);
}
