//! The limit over HTTP: a handler of axum that reads typed structs, writes the bytes of the answer, and checks nothing.

use std::io;

use axum::{
    Router,
    body::Bytes,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt as _,
};
use mcp_benches::{bare, http};

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new().route(http::PATH, post(answer));
    let listener = http::listen().await?.tap_io(|stream| {
        // One that is gone already is noticed where it is read.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await
}

async fn answer(message: Bytes) -> Response {
    let mut lines = Vec::with_capacity(256);
    if bare::answer(&message, &mut lines).is_err() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    lines.pop();
    if lines.is_empty() {
        return StatusCode::ACCEPTED.into_response();
    }
    if !lines.contains(&b'\n') {
        return json(lines);
    }
    ([(CONTENT_TYPE, "text/event-stream")], events(&lines)).into_response()
}

/// The session is a name and nothing else.
fn json(line: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE.as_str(), "application/json"),
        ("mcp-session-id", "1"),
    ];
    (headers, line).into_response()
}

fn events(lines: &[u8]) -> Vec<u8> {
    let mut events = Vec::with_capacity(2 * lines.len());
    for line in lines.split(|byte| *byte == b'\n') {
        events.extend_from_slice(b"data: ");
        events.extend_from_slice(line);
        events.extend_from_slice(b"\n\n");
    }
    events
}
