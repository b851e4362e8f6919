//! The tools over standard input and output, with rmcp alone: on non-blocking pipes, which cost it a sixth of its default.

use mcp_benches::official::Official;
use rmcp::{ServiceExt, transport::stdio_pipes};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Official::new()
        .serve(stdio_pipes())
        .await?
        .waiting()
        .await?;
    Ok(())
}
