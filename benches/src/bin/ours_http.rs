//! The tools over HTTP, with `mcp-runtime`.

use mcp_benches::{http, ours};

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    let service = ours::server().build()?;
    // One that waits for 10,000 connections must have room for them.
    let endpoint = service.http().path(http::PATH).max_connections(20_000);
    endpoint.serve(http::listen().await?).await
}
