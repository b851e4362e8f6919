//! The tools over standard input and output, with `mcp-runtime`.

use mcp_benches::ours;

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    ours::server().serve_stdio().await
}
