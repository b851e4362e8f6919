//! Sessions of principals.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, extract::Request, middleware, middleware::Next, response::Response};
use mcp_runtime::Principal;
use serde_json::json;
use tokio::net::TcpListener;

use super::client::{Client, initialize, send};
use crate::fixture::server;

async fn identify(mut request: Request, next: Next) -> Response {
    let user = request.headers().get("x-user");
    let user = user.and_then(|user| user.to_str().ok()).map(str::to_owned);
    if let Some(user) = user {
        let scope = request.headers().get("x-scope");
        let scope = scope
            .and_then(|scope| scope.to_str().ok())
            .unwrap_or("read");
        let principal = Principal::new(user).with_scope(scope);
        request.extensions_mut().insert(principal);
    }
    next.run(request).await
}

async fn serve(per_principal: usize) -> SocketAddr {
    let service = server(&Arc::default()).build().unwrap();
    let http = service.http().max_sessions_per_principal(per_principal);
    let app = Router::new()
        .route_service("/mcp", http.service().unwrap())
        .layer(middleware::from_fn(identify));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

#[tokio::test]
async fn a_session_is_for_the_principal_that_has_opened_it() {
    let address = serve(10).await;
    let alice = Client::open_as(address, "2025-11-25", Some("alice")).await;
    let answer = alice.send(&alice.call(1, "whoami", json!({}))).await;
    assert_eq!(
        answer.json()["result"]["content"][0]["text"],
        "alice with ?"
    );
    let unknown = alice
        .request(1, "ping", json!({}))
        .header("Mcp-Session-Id", "x");
    let unknown = alice.send(&unknown).await;
    for user in [Some("bob"), None] {
        let thief = Client {
            user,
            ..alice.clone()
        };
        for post in [
            thief.request(1, "ping", json!({})),
            thief.get(),
            thief.delete(),
        ] {
            let answer = send(address, &post).await;
            assert_eq!((answer.status, &answer.body), (404, &unknown.body));
        }
    }
    // A token may be another one: the principal is the same.
    let ping = alice
        .request(1, "ping", json!({}))
        .header("X-Scope", "write");
    assert_eq!(alice.send(&ping).await.status, 200);
}

#[tokio::test]
async fn one_principal_does_not_take_the_room_of_the_others() {
    let address = serve(2).await;
    let first = Client::open_as(address, "2025-11-25", Some("alice")).await;
    Client::open_as(address, "2025-11-25", Some("alice")).await;
    let third = initialize("2025-11-25").header("X-User", "alice");
    assert_eq!(send(address, &third).await.status, 503);
    Client::open_as(address, "2025-11-25", Some("bob")).await;
    for _ in 0..3 {
        Client::open(address).await;
    }
    first.send(&first.delete()).await;
    assert_eq!(send(address, &third).await.status, 200);
}
