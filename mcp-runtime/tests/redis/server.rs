//! One of several processes that share their rates: a server on standard input and output, with its buckets in Redis.

use std::time::Duration;

use mcp_runtime::{Server, handlers, limit::Redis, tool};

/// Does something five times a second.
#[tool(rate = "5/s")]
fn limited() -> &'static str {
    "done"
}

/// Does something five times an hour.
#[tool(rate = "5/h")]
fn hourly() -> &'static str {
    "done"
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("REDIS_URL")?;
    // The machine of a test may be busy.
    let buckets = Redis::new(&url)?.timeout(Duration::from_secs(30));
    let server = Server::new("shared", "1.0.0").rate_store(buckets);
    Ok(server.add(handlers![limited, hourly]).serve_stdio().await?)
}
