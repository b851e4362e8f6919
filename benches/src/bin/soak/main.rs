//! Sixty-four clients that do whatever clients do, also what they should not, against one server over HTTP, for as long as one likes.
//!
//! ```sh
//! cargo run --release -p mcp-benches --bin soak                  # ten minutes
//! cargo run --release -p mcp-benches --bin soak -- --minutes 2
//! ```
//!
//! They call, follow progress, answer questions, listen to changes, take calls back, hang up in the middle of a request, and send
//! garbage. Every answer is checked, and everything that is wrong without having been provoked is printed. At the end no task of
//! the server may be left. The process ends with 1 if there was anything of either kind.
//!
//! The memory is that of the whole process, clients included, and is read on Linux only.

mod client;
mod connection;
mod server;

use std::{
    error::Error,
    fs,
    net::SocketAddr,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
    time::sleep,
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const CLIENTS: u64 = 64;

/// How often the state of things is printed.
const PERIOD: Duration = Duration::from_secs(10);

/// How long the server may take to let go of clients that are gone.
const LET_GO: Duration = Duration::from_secs(15);

/// What all clients share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) requests: AtomicU64,
    pub(crate) errors: AtomicU64,
    pub(crate) over: AtomicBool,
}

fn main() -> Result<ExitCode> {
    let minutes = minutes(std::env::args().skip(1))?;
    let servers = runtime()?;
    let (end, ended) = oneshot::channel();
    let (address, serving) = servers.block_on(server::start(ended))?;

    let shared = Arc::new(Shared {
        address,
        requests: AtomicU64::new(0),
        errors: AtomicU64::new(0),
        over: AtomicBool::new(false),
    });
    let clients = runtime()?;
    let running: Vec<_> = (1..=CLIENTS)
        .map(|seed| clients.spawn(client::run(Arc::clone(&shared), seed)))
        .collect();
    clients.block_on(watch(&shared, &servers, minutes));
    shared.over.store(true, Ordering::Relaxed);
    clients.block_on(async {
        for client in running {
            client.await?;
        }
        Ok::<_, tokio::task::JoinError>(())
    })?;
    drop(clients);

    // A server that is gone already is seen by what it returns.
    let _ = end.send(());
    servers.block_on(serving)??;
    let left = settled(&servers);
    let errors = shared.errors.load(Ordering::Relaxed);
    println!("\n{errors} errors that were not provoked, {left} tasks left");
    Ok(if errors + left == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn minutes(mut arguments: impl Iterator<Item = String>) -> Result<f64> {
    let usage = "usage: soak [--minutes NUMBER]";
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(10.0),
        (Some("--minutes"), Some(minutes)) => Ok(minutes.parse()?),
        _ => Err(usage.into()),
    }
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

/// Prints how things are until the time is up.
async fn watch(shared: &Shared, servers: &Runtime, minutes: f64) {
    println!("| seconds | requests | errors | memory in KiB | tasks of the server |");
    println!("|---:|---:|---:|---:|---:|");
    let begun = Instant::now();
    let length = Duration::from_secs_f64(minutes * 60.0);
    while begun.elapsed() < length {
        sleep(PERIOD.min(length.saturating_sub(begun.elapsed()))).await;
        println!(
            "| {} | {} | {} | {} | {} |",
            begun.elapsed().as_secs(),
            shared.requests.load(Ordering::Relaxed),
            shared.errors.load(Ordering::Relaxed),
            memory().unwrap_or_else(|| "–".to_owned()),
            servers.metrics().num_alive_tasks(),
        );
    }
}

/// How many tasks are left when the clients and the server are gone.
fn settled(servers: &Runtime) -> u64 {
    let begun = Instant::now();
    loop {
        let left = servers.metrics().num_alive_tasks();
        if left == 0 || begun.elapsed() > LET_GO {
            return left as u64;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    resident.split_whitespace().next().map(ToOwned::to_owned)
}
