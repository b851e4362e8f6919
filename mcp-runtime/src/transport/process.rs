//! The process: the signals that ask it to end, and its end when a handler does not.

use std::{io, thread, time::Duration};

use tokio::sync::mpsc;

/// How long the process may go on after the end of serving, if a handler holds one of its threads.
const STUCK: Duration = Duration::from_secs(5);

/// Tells of each signal that asks the process to end.
pub(super) fn orders() -> io::Result<mpsc::UnboundedReceiver<()>> {
    let (sender, orders) = mpsc::unbounded_channel();
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        while tokio::select! {
            () = signals.next() => sender.send(()).is_ok(),
            () = sender.closed() => false,
        } {}
    });
    Ok(orders)
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

/// Ends the process even if a handler never gives its thread back.
pub(super) fn exit_later() {
    tracing::warn!("a handler blocks its thread: the process will exit in {STUCK:?}");
    thread::spawn(|| {
        thread::sleep(STUCK);
        std::process::exit(0);
    });
}
