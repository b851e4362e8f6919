//! The endpoint inside of another application.

use std::sync::Arc;

use axum::{Extension, Router, routing::get};
use mcp_runtime::Principal;
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    client::{Connection, Post, events},
    fixture::server,
};

pub(crate) async fn application(app: Router) -> Connection {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });
    Connection::open(address).await
}

#[tokio::test]
async fn the_endpoint_stands_beside_other_routes() {
    let endpoint = server(&Arc::default()).into_http_service().unwrap();
    let app = Router::new()
        .route("/", get(|| async { "a page" }))
        .nest_service("/mcp", endpoint);
    let mut connection = application(app).await;
    let mut page = Post::new("");
    page.line = "GET / HTTP/1.1".into();
    assert_eq!(connection.send(&page).await.body, b"a page");
    let answer = connection.send(&Post::add()).await;
    assert_eq!(answer.json()["result"]["structuredContent"], 3);
    let progress = Post::call_with_progress("count", json!({ "to": 3 }));
    assert!(connection.send(&progress).await.events().len() > 1);
}

#[tokio::test]
async fn handlers_see_the_request_and_what_middleware_knows_of_it() {
    let endpoint = server(&Arc::default()).into_http_service().unwrap();
    let app = Router::new()
        .nest_service("/mcp", endpoint)
        .layer(Extension(Principal::new("alice")));
    let mut connection = application(app).await;
    let post = Post::call("whoami", json!({})).header("User-Agent", "a test");
    let answer = connection.send(&post).await;
    assert_eq!(
        answer.json()["result"]["content"][0]["text"],
        "alice with a test"
    );
}

#[tokio::test]
async fn an_application_can_end_while_clients_listen() {
    let endpoint = server(&Arc::default()).into_http_service().unwrap();
    let app = Router::new().nest_service("/mcp", endpoint.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let served = axum::serve(listener, app).with_graceful_shutdown(async { drop(ended.await) });
    let served = tokio::spawn(served.into_future());
    let mut stream = Connection::open(address).await;
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    stream
        .write(Post::modern("subscriptions/listen", filter).bytes())
        .await;
    stream.answer_head().await;
    stream.chunk().await.unwrap();
    drop(end);
    endpoint.end_listening();
    let last = events(&stream.chunk().await.unwrap());
    assert_eq!(last[0]["result"]["resultType"], "complete");
    served.await.unwrap().unwrap();
}
