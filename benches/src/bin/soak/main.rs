//! Sixty-four clients that do whatever clients do, also what they should not, against one server over HTTP, for as long as one likes.
//!
//! ```sh
//! cargo run --release -p mcp-benches --bin soak                  # ten minutes
//! cargo run --release -p mcp-benches --bin soak -- --minutes 2   # or 0.5, or --seconds 30
//! ```
//!
//! Half of them are of 2026-07-28, the others of 2025-11-25: most of those keep sessions, and some do without. They call, follow
//! progress, answer questions, listen to changes, take calls back, hang up in the middle of a request, and send garbage. In
//! sessions they also lose connections and go on where they were, try the sessions of others, and leave sessions with a word or
//! without one; the server ends those that are idle for a few seconds.
//!
//! Every answer is checked. The process ends with 1 if anything was wrong without having been provoked, if a session, a call or a
//! task of the server is left when all clients are gone, or if the memory has grown: [`memory`] says what that means.
//!
//! The memory is that of the whole process, clients included, and is read on Linux only.

mod chance;
mod client;
mod connection;
mod memory;
mod modern;
mod options;
mod report;
mod request;
mod server;
mod session;
mod shared;
mod stateless;
mod watch;

use std::{
    error::Error,
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use mcp_runtime::metrics::Prometheus;
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::JoinHandle,
};

use self::{
    client::{Kind, run},
    modern::Modern,
    report::{Outcome, Tally},
    session::InSession,
    shared::Shared,
    stateless::Stateless,
    watch::{Holdings, left, watch},
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How many clients there are of each kind.
const MODERN: u64 = 32;
const IN_SESSION: u64 = 24;
const STATELESS: u64 = 8;
const CLIENTS: u64 = MODERN + IN_SESSION + STATELESS;

/// How long the server has to begin.
const BEGIN: Duration = Duration::from_millis(200);

fn main() -> Result<ExitCode> {
    let length = options::length(std::env::args().skip(1))?;
    let prometheus = Prometheus::install()?;
    let servers = runtime()?;
    let (end, ended) = oneshot::channel();
    let (address, serving) = servers.block_on(server::start(prometheus.clone(), ended))?;
    thread::sleep(BEGIN);
    let look = || Holdings::of(&servers, &prometheus);
    let before = look();

    println!("{MODERN} clients of {}", Modern::NAME);
    println!("{IN_SESSION} clients of {}", InSession::NAME);
    println!("{STATELESS} clients of {}\n", Stateless::NAME);
    let shared = Arc::new(Shared::new(address));
    let clients = runtime()?;
    let running = start(&clients, &shared);
    let memory = clients.block_on(watch(&shared, look, length));
    shared.over.store(true, Ordering::Relaxed);
    let mut tally = Tally::default();
    for client in running {
        tally.add(clients.block_on(client)?);
    }
    drop(clients);

    // Clients end in the middle of their sessions.
    if look().sessions == 0 {
        return Err("the server does not tell how many sessions it has".into());
    }
    let idle = left(|| look().beside(before));
    // A server that is gone already is seen by what it returns.
    let _ = end.send(());
    servers.block_on(serving)??;
    let outcome = Outcome {
        errors: shared.errors.load(Ordering::Relaxed),
        idle,
        ended: left(look),
        growth: memory.growth(length),
    };
    println!("\n{tally}\n{}\n{outcome}", shared.sessions);
    Ok(outcome.code())
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

/// Starts all clients.
fn start(clients: &Runtime, shared: &Arc<Shared>) -> Vec<JoinHandle<Tally>> {
    let start = |number| {
        let shared = Arc::clone(shared);
        match number {
            0..MODERN => clients.spawn(run::<Modern>(shared, number)),
            number if number < MODERN + IN_SESSION => {
                clients.spawn(run::<InSession>(shared, number))
            }
            _ => clients.spawn(run::<Stateless>(shared, number)),
        }
    };
    (0..CLIENTS).map(start).collect()
}
