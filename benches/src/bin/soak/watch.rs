//! What can be seen of the server from outside, while it is soaked and afterwards.

use std::{
    fmt,
    sync::atomic::Ordering,
    thread,
    time::{Duration, Instant},
};

use mcp_runtime::metrics::Prometheus;
use tokio::{runtime::Runtime, time::sleep};

use crate::{
    memory::{Memory, resident},
    shared::Shared,
};

/// How often the memory is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How often the state of things is printed.
const PERIOD: Duration = Duration::from_secs(10);

/// How long the server may take to let go of clients that are gone.
const LET_GO: Duration = Duration::from_secs(15);

/// What a server has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    pub(crate) sessions: i64,
    calls: i64,
    tasks: i64,
}

impl Holdings {
    /// What the server has now.
    pub(crate) fn of(servers: &Runtime, prometheus: &Prometheus) -> Self {
        let numbers = prometheus.render();
        Self {
            sessions: gauge(&numbers, "mcp_sessions"),
            calls: gauge(&numbers, "mcp_calls_in_flight"),
            tasks: servers
                .metrics()
                .num_alive_tasks()
                .try_into()
                .unwrap_or(i64::MAX),
        }
    }

    /// What of this is not in another one.
    pub(crate) fn beside(self, other: Self) -> Self {
        Self {
            sessions: self.sessions - other.sessions,
            calls: self.calls - other.calls,
            tasks: self.tasks - other.tasks,
        }
    }
}

impl fmt::Display for Holdings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sessions,
            calls,
            tasks,
        } = self;
        write!(f, "{sessions} sessions, {calls} calls, {tasks} tasks")
    }
}

/// What is left of what `look` sees, when it is nothing or has had its time.
pub(crate) fn left(look: impl Fn() -> Holdings) -> Holdings {
    let begun = Instant::now();
    loop {
        let left = look();
        if left == Holdings::default() || begun.elapsed() > LET_GO {
            return left;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Prints how things are until the time is up, and notes the memory.
pub(crate) async fn watch(
    shared: &Shared,
    look: impl Fn() -> Holdings,
    length: Duration,
) -> Memory {
    println!("| seconds | requests | errors | sessions | calls | tasks | memory in KiB |");
    println!("|---:|---:|---:|---:|---:|---:|---:|");
    let mut memory = Memory::default();
    let begun = Instant::now();
    let mut printed = Duration::ZERO;
    while begun.elapsed() < length {
        sleep(LOOK.min(length.saturating_sub(begun.elapsed()))).await;
        let now = begun.elapsed();
        memory.note(now);
        if now < (printed + PERIOD).min(length) {
            continue;
        }
        printed = now;
        let Holdings {
            sessions,
            calls,
            tasks,
        } = look();
        println!(
            "| {} | {} | {} | {sessions} | {calls} | {tasks} | {} |",
            now.as_secs(),
            shared.requests.load(Ordering::Relaxed),
            shared.errors.load(Ordering::Relaxed),
            resident().map_or_else(|| "–".to_owned(), |resident| resident.to_string()),
        );
    }
    memory
}

/// The sum of a gauge over all its labels.
fn gauge(text: &str, name: &str) -> i64 {
    let lines = text.lines().filter_map(|line| line.strip_prefix(name));
    let values = lines.filter(|rest| rest.starts_with([' ', '{']));
    let values = values.filter_map(|rest| rest.rsplit(' ').next()?.parse::<i64>().ok());
    values.sum()
}
