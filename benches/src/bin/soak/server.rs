//! The server.

use std::net::SocketAddr;

use mcp_benches::http::PATH;
use mcp_runtime::{
    CallError, Context, Server, handlers, schemars::JsonSchema, serde::Deserialize, tool,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::Result;

/// Starts the server, which ends when it is told to.
pub(crate) async fn start(
    ended: oneshot::Receiver<()>,
) -> Result<(SocketAddr, JoinHandle<mcp_runtime::Result<()>>)> {
    let service = Server::new("soak", "1.0.0")
        .progress_interval(std::time::Duration::ZERO)
        .add(handlers![add, count, order, wait])
        .build()?;
    // So that there is something to listen to.
    let _changes = service.handle();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let endpoint = service.http().path(PATH).until(async {
        // Whoever drops the other end wants it, too.
        let _ = ended.await;
    });
    Ok((address, tokio::spawn(endpoint.serve(listener))))
}

#[derive(Deserialize, JsonSchema)]
#[serde(crate = "mcp_runtime::serde")]
#[schemars(crate = "mcp_runtime::schemars")]
struct Confirm {
    yes: bool,
}

/// Adds two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Counts to a number and tells each step.
#[tool]
async fn count(ctx: Context, to: u32) -> u32 {
    for step in 1..=to {
        ctx.progress(step, to, "counting").await;
    }
    to
}

/// Orders an item, if that is really wanted.
#[tool]
async fn order(ctx: Context, item: String) -> std::result::Result<String, CallError> {
    let sure: Confirm = ctx.elicit("sure", format!("Really {item}?")).await?;
    Ok(if sure.yes { item } else { "nothing".to_owned() })
}

/// Waits for ever.
#[tool]
async fn wait(ctx: Context) {
    ctx.cancelled().await;
}
