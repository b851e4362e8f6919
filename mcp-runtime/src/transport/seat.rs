//! What keeps a connection going while a handler blocks its thread.
//!
//! A handler is polled in the very task that reads and writes: one that is ready at once costs no task and no hop between
//! threads. The price would be that a handler that blocks its thread stops the connection. So the task lends the
//! connection to its *seat* for the time of each poll. A thread of our own looks at the seats in use every few
//! milliseconds; if it finds a connection still lent in the same poll, it takes it and spawns a new task to lead it. The
//! old one keeps the handler, and has become the task that the handler would have needed anyway. The same happens if the
//! handler waits: its future is a part of the old task, and stays where it is.
//!
//! The thread also wakes the runtime while a handler holds one of its threads. Tokio leaves the sources of events to one
//! thread that is idle, and does not replace it when it turns to a task that blocks: without the wake nobody would see
//! that the client has sent something.
//!
//! What a handler sends wakes the connection. Tokio runs a task that is woken next on the thread that wakes it, and no
//! other thread may: if that one goes on to block, the connection would wait for it. So the wake comes when the poll of the
//! handler is over, or from the thread of our own if that takes long.
//!
//! Rejected: a task for each call (twice the cost of a small call, and the wake would still be needed); to learn which
//! tools block (each must stop everybody once to be found out).

use std::{
    cell::Cell,
    pin::Pin,
    ptr,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use futures_util::task::AtomicWaker;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::connection::{Connection, lead};

/// How often the seats in use are looked at.
const TICK: Duration = Duration::from_millis(5);

/// Where a connection is while one of its handlers is polled.
#[derive(Debug)]
pub(super) struct Seat {
    state: Mutex<State>,
    /// The runtime, if another of its threads can take over.
    runtime: Option<Handle>,
    /// The connection, which waits for what handlers send.
    connection: AtomicWaker,
    /// A handler has sent something in a poll that is not over.
    sent: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    lent: Option<Box<Connection>>,
    /// The number of the poll that the connection was lent for.
    turn: u64,
    /// How many handlers are being polled by tasks of their own.
    polls: usize,
    /// The thread looks at this seat.
    watched: bool,
}

impl Seat {
    /// A seat for a connection of the current runtime.
    pub(super) fn new() -> Arc<Self> {
        let runtime = Handle::current();
        let threads = match runtime.runtime_flavor() {
            RuntimeFlavor::CurrentThread => 1,
            _ => runtime.metrics().num_workers(),
        };
        Arc::new(Self {
            state: Mutex::default(),
            runtime: (threads > 1).then_some(runtime),
            connection: AtomicWaker::new(),
            sent: AtomicBool::new(false),
        })
    }

    /// Polls a handler with the connection lent; `None` instead of the connection if it was taken meanwhile.
    pub(super) fn poll<F: Future + Unpin>(
        self: &Arc<Self>,
        connection: Box<Connection>,
        future: &mut F,
        waker: &Waker,
    ) -> (Option<Box<Connection>>, Poll<F::Output>) {
        let mut state = self.state();
        state.lent = Some(connection);
        state.turn += 1;
        let turn = state.turn;
        self.watch(state);
        let polled = self.polling(|| Pin::new(future).poll(&mut Context::from_waker(waker)));
        let mut state = self.state();
        if state.turn == turn && state.lent.is_some() {
            return (state.lent.take(), polled);
        }
        // It was taken, and whoever has it now may have lent it again.
        state.polls -= 1;
        drop(state);
        self.wake_connection();
        (None, polled)
    }

    /// Polls a handler that has a task of its own.
    pub(super) fn poll_apart<F: Future + Unpin>(
        self: &Arc<Self>,
        future: &mut F,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        let mut state = self.state();
        state.polls += 1;
        let _apart = Apart(self);
        self.watch(state);
        self.polling(|| Pin::new(future).poll(cx))
    }

    /// Says who is to be woken when a handler has sent something.
    pub(super) fn register(&self, connection: &Waker) {
        self.connection.register(connection);
    }

    /// Notes that the thread polls a handler of this connection.
    fn polling<T>(self: &Arc<Self>, poll: impl FnOnce() -> T) -> T {
        let _restore = Restore(POLLED.replace(Arc::as_ptr(self)));
        poll()
    }

    /// Wakes the connection if a handler has sent something.
    fn wake_connection(&self) {
        if self.sent.load(Ordering::Acquire) && self.sent.swap(false, Ordering::AcqRel) {
            self.connection.wake();
        }
    }

    /// Whether a handler holds a thread at this moment.
    pub(super) fn is_held(&self) -> bool {
        self.state().polls > 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the thread look at this seat from now on.
    fn watch(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if self.runtime.is_some() && !std::mem::replace(&mut state.watched, true) {
            drop(state);
            // Without the thread everything works but the take-over.
            let _ = WATCH.send(Arc::clone(self));
        }
    }

    /// Looks whether a handler blocks, and says whether to look again.
    fn look(&self, seen: &mut Seen) -> bool {
        self.wake_connection();
        let mut state = self.state();
        let blocked = state.turn == seen.turn;
        let held = state.polls > 0 && seen.held;
        let lent = state.lent.take_if(|_| blocked);
        let idle = blocked && lent.is_none() && state.polls == 0;
        state.watched = !idle;
        *seen = Seen {
            turn: state.turn,
            held: state.polls > 0,
        };
        if lent.is_some() {
            // The handler has this task to itself from now on.
            state.polls += 1;
        }
        drop(state);
        match (&self.runtime, lent) {
            (Some(runtime), Some(connection)) => drop(runtime.spawn(lead(connection))),
            (Some(runtime), None) if held => drop(runtime.spawn(async {})),
            _ => {}
        }
        !idle
    }
}

/// The seat of an endpoint of HTTP. No connection is lent there: each has a task to itself, which also polls its handlers. But
/// the runtime has to be woken there, too.
#[cfg(feature = "http")]
#[derive(Debug, Default)]
pub(super) struct Stand(std::sync::OnceLock<Arc<Seat>>);

#[cfg(feature = "http")]
impl Stand {
    /// Has the thread look at a handler while it is polled.
    pub(super) fn watch<F: Future>(&self, handler: F) -> impl Future<Output = F::Output> + use<F> {
        let seat = Arc::clone(self.0.get_or_init(Seat::new));
        async move {
            let mut handler = std::pin::pin!(handler);
            std::future::poll_fn(|cx| seat.poll_apart(&mut handler, cx)).await
        }
    }
}

thread_local! {
    /// The seat of the handler that the thread polls.
    static POLLED: Cell<*const Seat> = const { Cell::new(ptr::null()) };
}

/// A handler is being polled by a task of its own, until this is dropped: also if what stands around it panics.
struct Apart<'a>(&'a Seat);

impl Drop for Apart<'_> {
    fn drop(&mut self) {
        self.0.state().polls -= 1;
        self.0.wake_connection();
    }
}

/// Puts back which handler the thread polled before.
struct Restore(*const Seat);

impl Drop for Restore {
    fn drop(&mut self) {
        POLLED.set(self.0);
    }
}

/// Something was sent to the connection.
impl Wake for Seat {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if ptr::eq(POLLED.get(), Arc::as_ptr(self)) {
            self.sent.store(true, Ordering::Release);
        } else {
            self.connection.wake();
        }
    }
}

/// What the thread saw when it looked the last time.
#[derive(Default)]
struct Seen {
    turn: u64,
    held: bool,
}

/// The way to the thread.
static WATCH: LazyLock<mpsc::Sender<Arc<Seat>>> = LazyLock::new(|| {
    let (sender, seats) = mpsc::channel();
    let thread = thread::Builder::new().name("mcp-watch".into());
    if let Err(error) = thread.spawn(move || watch(&seats)) {
        tracing::warn!(%error, "no thread to watch over handlers that block");
    }
    sender
});

fn watch(seats: &mpsc::Receiver<Arc<Seat>>) {
    let mut watched = Vec::new();
    // The sender lives as long as the process.
    while let Ok(seat) = seats.recv() {
        watched.push((seat, Seen::default()));
        while !watched.is_empty() {
            thread::sleep(TICK);
            watched.extend(seats.try_iter().map(|seat| (seat, Seen::default())));
            watched.retain_mut(|(seat, seen)| seat.look(seen));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        panic::{AssertUnwindSafe, catch_unwind},
    };

    use super::*;

    #[tokio::test]
    async fn a_poll_that_panics_is_over() {
        let seat = Seat::new();
        let mut held = false;
        let mut broken = poll_fn(|_| -> Poll<()> {
            held = seat.is_held();
            panic!("broken")
        });
        let mut cx = Context::from_waker(Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| seat.poll_apart(&mut broken, &mut cx)));
        assert!(polled.is_err() && held);
        assert!(!seat.is_held());
    }
}
