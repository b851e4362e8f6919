//! The server.

use std::{
    future::{Ready, ready},
    net::SocketAddr,
    time::Duration,
};

use axum::http::request::Parts;
use mcp_benches::http::PATH;
use mcp_runtime::{
    CallError, Context, Principal, Server, ServerHandle,
    auth::{Auth, Denied, bearer_token},
    handlers,
    metrics::Prometheus,
    resource,
    schemars::JsonSchema,
    serde::Deserialize,
    tool,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::sleep};

use crate::Result;

/// How long a session may be idle: short, so that those that are left really end during a run.
pub(crate) const IDLE: Duration = Duration::from_secs(3);

/// The longest time that something goes on for which nobody waits any more: that of a question.
pub(crate) const LONGEST: Duration = Duration::from_secs(2);

/// How long a nap is.
const NAP: Duration = Duration::from_millis(200);

/// How many tools there are.
pub(crate) const TOOLS: usize = 6;

/// Starts the server, which ends when it is told to.
pub(crate) async fn start(
    prometheus: Prometheus,
    ended: oneshot::Receiver<()>,
) -> Result<(SocketAddr, JoinHandle<mcp_runtime::Result<()>>)> {
    let service = Server::new("soak", "1.0.0")
        .progress_interval(Duration::ZERO)
        .ask_timeout(LONGEST)
        .metrics(true)
        .add(handlers![add, count, edit, nap, note, order, wait])
        .build()?;
    // So that there is something to listen to.
    let _changes = service.handle();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let auth = Auth::new(format!("http://{address}{PATH}")).verifier(name);
    let endpoint = service
        .http()
        .path(PATH)
        .auth(auth)
        .metrics(prometheus)
        .session_timeout(IDLE)
        .until(async {
            // Whoever drops the other end wants it, too.
            let _ = ended.await;
        });
    Ok((address, tokio::spawn(endpoint.serve(listener))))
}

/// Whoever has a token is who the token says.
fn name(request: &Parts) -> Ready<std::result::Result<Option<Principal>, Denied>> {
    ready(Ok(bearer_token(request).map(Principal::new)))
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

/// A note.
#[resource("note://{id}")]
fn note(id: u64) -> String {
    format!("note {id}")
}

/// Says that a note has changed.
#[tool]
fn edit(server: ServerHandle, id: u64) {
    server.resource_updated(format!("note://{id}"));
}

/// Orders an item, if that is really wanted.
#[tool]
async fn order(ctx: Context, item: String) -> std::result::Result<String, CallError> {
    let sure: Confirm = ctx.elicit("sure", format!("Really {item}?")).await?;
    Ok(if sure.yes { item } else { "nothing".to_owned() })
}

/// Tells that it has begun, and rests for a moment, whether anybody waits or not.
#[tool]
async fn nap(ctx: Context) {
    ctx.progress(1, 2, "tired").await;
    sleep(NAP).await;
}

/// Tells that it has begun, and waits for ever.
#[tool]
async fn wait(ctx: Context) {
    ctx.progress(1, 2, "waiting").await;
    ctx.cancelled().await;
}
