//! The tools over HTTP, with rmcp alone and written well: its router is built once, answers are JSON where it can, and nothing waits for
//! the acknowledgement of the client. With the argument `sessions` it holds sessions, otherwise none.

use std::{io, sync::Arc};

use axum::{Router, serve::ListenerExt as _};
use mcp_benches::{http, official::Official};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};

#[tokio::main]
async fn main() -> io::Result<()> {
    let sessions = std::env::args().any(|argument| argument == "sessions");
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(sessions)
        .with_json_response(true);
    let tools = Official::new();
    let service = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    let app = Router::new().route_service(http::PATH, service);
    let listener = http::listen().await?.tap_io(|stream| {
        // One that is gone already is noticed where it is read.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await
}
