//! Streams end with the token that has opened them.

use std::{
    pin::pin,
    time::{Duration, SystemTime},
};

use axum::body::{Body, to_bytes};
use http::{Request, Response};
use mcp_runtime::{
    HttpBody, HttpService, Principal, Server, ServerHandle,
    auth::{Auth, Denied, Jwt, JwtAlgorithm, JwtKey, bearer_token},
    handlers, resource,
};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tower::ServiceExt as _;

use crate::tokens::{ISSUER, RESOURCE, SECRET, claims_with, token, within};

/// A note.
#[resource("note://one")]
fn note() -> &'static str {
    "one"
}

/// An endpoint without a socket, so that its time can be that of the test.
fn endpoint(auth: Auth) -> (HttpService, ServerHandle) {
    let service = Server::new("x", "1").add(handlers![note]).build().unwrap();
    let handle = service.handle();
    let http = service.http().auth(auth).sse("/sse", "/messages");
    (http.service().unwrap(), handle)
}

/// Who believes tokens, and half a minute longer than they say.
fn jwt() -> Auth {
    let key = JwtKey::secret(JwtAlgorithm::Hs256, SECRET);
    Auth::new(RESOURCE).verifier(Jwt::key(key).issuer(ISSUER))
}

/// A token that says that it counts for so long, and counts 30 s longer.
fn lasting(seconds: i64) -> String {
    token(&claims_with(json!({ "exp": within(seconds) })))
}

async fn send(endpoint: &HttpService, request: Request<Body>) -> Response<HttpBody> {
    endpoint.clone().oneshot(request).await.unwrap()
}

fn request(method: &str, token: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri("/mcp")
        .header("Host", "localhost")
        .header("Accept", "application/json, text/event-stream")
        .header("Authorization", format!("Bearer {token}"))
}

fn listen(token: &str) -> Request<Body> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let notifications =
        json!({ "toolsListChanged": true, "resourceSubscriptions": ["note://one"] });
    let params = json!({ "notifications": notifications, "_meta": meta });
    let body =
        json!({ "jsonrpc": "2.0", "id": 7, "method": "subscriptions/listen", "params": params });
    let request = request("POST", token)
        .header("Content-Type", "application/json")
        .header("MCP-Protocol-Version", "2026-07-28")
        .header("Mcp-Method", "subscriptions/listen");
    request.body(body.to_string().into()).unwrap()
}

/// The messages of a stream up to its end, and how long that took.
async fn rest(response: Response<HttpBody>) -> (Vec<Value>, Duration) {
    assert_eq!(response.status(), 200);
    let begun = Instant::now();
    // Time passes by itself: without an end this would go on for ever.
    let day = Duration::from_secs(24 * 3600);
    let body = timeout(day, to_bytes(Body::new(response.into_body()), usize::MAX)).await;
    let body = body.expect("the stream does not end");
    let body = String::from_utf8(body.unwrap().to_vec()).unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("data: {"));
    let messages = lines.map(|line| serde_json::from_str(&format!("{{{line}")).unwrap());
    (messages.collect(), begun.elapsed())
}

fn about(duration: Duration, seconds: u64) -> bool {
    (seconds - 3..=seconds).contains(&duration.as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_changes_ends_with_the_token_that_has_opened_it() {
    let (endpoint, handle) = endpoint(jwt());
    for (seconds, left) in [(3600, 3630), (60, 90), (-10, 20)] {
        let stream = send(&endpoint, listen(&lasting(seconds))).await;
        let mut reading = pin!(rest(stream));
        // It is read to its end of the time alone; what changes until then is told.
        tokio::select! {
            biased;
            _ = &mut reading => panic!("it ends too early"),
            () = tokio::time::sleep(Duration::from_secs(10)) => handle.resource_updated("note://one"),
        }
        let (told, took) = reading.await;
        assert!(about(took, left), "{seconds} {took:?}");
        let methods: Vec<_> = told.iter().map(|told| told["method"].as_str()).collect();
        let acknowledged = "notifications/subscriptions/acknowledged";
        let updated = "notifications/resources/updated";
        assert_eq!(methods, [Some(acknowledged), Some(updated), None]);
        assert_eq!(told[2]["id"], 7);
        assert_eq!(told[2]["result"]["resultType"], "complete");
    }
}

#[tokio::test(start_paused = true)]
async fn what_changes_afterwards_is_not_told() {
    let (endpoint, handle) = endpoint(jwt());
    let stream = send(&endpoint, listen(&lasting(60))).await;
    // Nobody reads meanwhile.
    tokio::time::sleep(Duration::from_secs(100)).await;
    handle.tools_changed();
    handle.resource_updated("note://one");
    let (told, _) = rest(stream).await;
    let methods: Vec<_> = told.iter().map(|told| told["method"].as_str()).collect();
    assert_eq!(
        methods,
        [Some("notifications/subscriptions/acknowledged"), None]
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_somebody_without_an_end_goes_on() {
    let forever = |_: &http::request::Parts| {
        let alice = Principal::new("alice");
        async { Ok::<_, Denied>(Some(alice)) }
    };
    let (endpoint, _handle) = endpoint(Auth::new(RESOURCE).verifier(forever));
    let stream = send(&endpoint, listen("x")).await;
    let day = timeout(Duration::from_secs(23 * 3600), rest(stream));
    assert!(day.await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_verifier_of_ones_own_says_when_it_ends() {
    let short = |parts: &http::request::Parts| {
        let name = bearer_token(parts).map(ToOwned::to_owned);
        let end = SystemTime::now() + Duration::from_secs(5);
        let alice = name.map(|name| Principal::new(name).with_expiry(end));
        async { Ok::<_, Denied>(alice) }
    };
    let (endpoint, _handle) = endpoint(Auth::new(RESOURCE).verifier(short));
    let stream = send(&endpoint, listen("x")).await;
    let (told, took) = rest(stream).await;
    assert!(about(took, 5), "{took:?}");
    assert_eq!(told.len(), 2);
}

/// Opens a session; returns its id.
async fn open(endpoint: &HttpService, token: &str) -> String {
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "x", "version": "1" },
    });
    let opened = post(endpoint, token, None, 1, "initialize", params).await;
    let id = opened.headers()["mcp-session-id"].to_str().unwrap();
    id.to_owned()
}

async fn post(
    endpoint: &HttpService,
    token: &str,
    session: Option<&str>,
    id: u32,
    method: &str,
    params: Value,
) -> Response<HttpBody> {
    let body = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    let mut request = request("POST", token).header("Content-Type", "application/json");
    if let Some(session) = session {
        request = request.header("Mcp-Session-Id", session);
    }
    let response = send(endpoint, request.body(body.to_string().into()).unwrap()).await;
    assert_eq!(response.status(), 200, "{method}");
    response
}

#[tokio::test(start_paused = true)]
async fn the_stream_of_a_session_ends_with_its_token_and_the_session_does_not() {
    let (endpoint, handle) = endpoint(jwt());
    let old = lasting(60);
    let session = open(&endpoint, &old).await;
    let uri = json!({ "uri": "note://one" });
    post(
        &endpoint,
        &old,
        Some(&session),
        2,
        "resources/subscribe",
        uri,
    )
    .await;
    let get = |token: &str| {
        let request = request("GET", token).header("Mcp-Session-Id", &session);
        request.body(Body::empty()).unwrap()
    };
    let stream = send(&endpoint, get(&old)).await;
    let (told, took) = rest(stream).await;
    assert!(told.is_empty() && about(took, 90), "{told:?} {took:?}");
    // What changes while nobody listens is told to the one who comes back with another token.
    handle.resource_updated("note://one");
    let new = token(&claims_with(json!({ "exp": within(3600), "jti": "2" })));
    let (told, took) = rest(send(&endpoint, get(&new)).await).await;
    assert!(about(took, 3630), "{took:?}");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["method"], "notifications/resources/updated");
}

#[tokio::test(start_paused = true)]
async fn the_stream_of_2024_11_05_ends_with_its_token_and_its_session_with_it() {
    let (endpoint, _handle) = endpoint(jwt());
    let get = request("GET", &lasting(60)).uri("/sse");
    let stream = send(&endpoint, get.body(Body::empty()).unwrap()).await;
    let (_, took) = rest(stream).await;
    assert!(about(took, 90), "{took:?}");
}
