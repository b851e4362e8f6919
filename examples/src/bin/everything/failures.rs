//! How a call may fail: with words for the model, with words that nobody may read, by a panic, by taking too long.

use std::{io, time::Duration};

use mcp_runtime::{CallError, Handlers, State, handlers, tool};

use crate::resources::Notes;

pub(crate) fn handlers() -> Handlers {
    handlers![boom, boom_later, fail_public, fail_internal, nap, block]
}

/// Panics at once.
#[tool]
fn boom() {
    panic!("the password is hunter2");
}

/// Panics when it has waited, with the notes in its hands.
#[tool]
async fn boom_later(notes: State<Notes>) {
    tokio::task::yield_now().await;
    notes.change(|_| panic!("the password is hunter2"));
}

/// Fails with an error that the model can act on.
#[tool(read_only)]
fn fail_public() -> Result<(), CallError> {
    Err(CallError::new("out of stock"))
}

/// Fails with an error that no client may see.
#[tool(read_only)]
fn fail_internal() -> Result<(), io::Error> {
    Err(io::Error::other("password is hunter2"))
}

/// Sleeps longer than it may.
#[tool(read_only, timeout = "200ms")]
async fn nap() {
    tokio::time::sleep(Duration::from_secs(60 * 60)).await;
}

/// Blocks its thread.
#[tool(read_only)]
fn block(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}
