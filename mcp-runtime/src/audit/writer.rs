//! The thread that writes records, and the way to it.

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

use tokio::sync::oneshot;

use super::{OnFailure, Sink, chain::Chain, record::Record};

/// How many records may wait for the sink. If more would, they are lost, or their calls are refused.
const MAX_WAITING: usize = 8192;

/// How many records are written at once.
const BATCH: usize = 256;

/// The way of records to the thread that writes them. The thread ends, and has written everything, when this is dropped.
pub(super) struct Log {
    queue: Option<Sender<Message>>,
    state: Arc<State>,
    on_failure: OnFailure,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What both sides know.
#[derive(Debug, Default)]
struct State {
    waiting: AtomicUsize,
    /// Whether the sink has failed and has not worked since.
    failing: AtomicBool,
    /// How many records were lost since the last one that was written.
    lost: AtomicU64,
}

/// A record, if there is one, and who wants to know whether everything up to here is written.
struct Message {
    record: Option<Box<Record>>,
    waiter: Option<oneshot::Sender<bool>>,
}

impl Log {
    pub(super) fn start(
        sink: Box<dyn Sink>,
        chain: Chain,
        on_failure: OnFailure,
    ) -> io::Result<Self> {
        let (queue, messages) = mpsc::channel();
        let state = Arc::new(State::default());
        let writer = Writer {
            messages,
            state: Arc::clone(&state),
            sink,
            chain,
            on_failure,
            held: Vec::new(),
            lines: Vec::new(),
        };
        let thread = thread::Builder::new().name("mcp-audit".into());
        let thread = thread.spawn(move || writer.run())?;
        Ok(Self {
            queue: Some(queue),
            state,
            on_failure,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Whether a call may be made: whether there will be a record of it.
    pub(super) async fn is_open(&self) -> bool {
        if self.on_failure == OnFailure::GoOn {
            return true;
        }
        if self.state.waiting.load(Ordering::Relaxed) >= MAX_WAITING {
            return false;
        }
        !self.state.failing.load(Ordering::Acquire) || self.flush().await
    }

    /// Writes a record, and says whether its call may be answered.
    pub(super) async fn write(&self, record: Box<Record>) -> bool {
        match self.on_failure {
            OnFailure::GoOn => {
                self.push(record);
                true
            }
            OnFailure::Refuse => self.ask(Some(record)).await,
        }
    }

    /// Writes a record that nobody waits for.
    pub(super) fn push(&self, record: Box<Record>) {
        let limited = self.on_failure == OnFailure::GoOn;
        if limited && self.state.waiting.load(Ordering::Relaxed) >= MAX_WAITING {
            self.lose();
        } else {
            self.send(Some(record), None);
        }
    }

    /// Counts a record that there will not be.
    pub(super) fn lose(&self) {
        self.state.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until everything is written, and says whether it is.
    pub(super) async fn flush(&self) -> bool {
        self.ask(None).await
    }

    async fn ask(&self, record: Option<Box<Record>>) -> bool {
        let (waiter, answer) = oneshot::channel();
        self.send(record, Some(waiter));
        answer.await.unwrap_or(false)
    }

    fn send(&self, record: Option<Box<Record>>, waiter: Option<oneshot::Sender<bool>>) {
        let records = usize::from(record.is_some());
        self.state.waiting.fetch_add(records, Ordering::Relaxed);
        let message = Message { record, waiter };
        let queue = self.queue.as_ref();
        // The thread is gone only if the sink has panicked.
        if queue.is_none_or(|queue| queue.send(message).is_err()) {
            self.state.failing.store(true, Ordering::Release);
            self.state.lost.fetch_add(records as u64, Ordering::Relaxed);
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        drop(self.queue.take());
        let thread = self
            .thread
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // If it has panicked, the panic has been told already.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("state", &self.state)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}

/// What runs on the thread.
struct Writer {
    messages: Receiver<Message>,
    state: Arc<State>,
    sink: Box<dyn Sink>,
    chain: Chain,
    on_failure: OnFailure,
    /// The records that are to be written next: those that the sink has not taken are written before all others.
    held: Vec<Record>,
    lines: Vec<u8>,
}

impl Writer {
    fn run(mut self) {
        let mut waiters = Vec::new();
        while let Ok(first) = self.messages.recv() {
            let mut next = Some(first);
            while let Some(message) = next {
                self.held.extend(message.record.map(|record| *record));
                waiters.extend(message.waiter);
                let full = self.held.len() >= BATCH;
                next = (!full).then(|| self.messages.try_recv().ok()).flatten();
            }
            let written = self.write();
            for waiter in waiters.drain(..) {
                // Who has gone away does not want to know.
                let _ = waiter.send(written);
            }
        }
    }

    /// Writes what is held, and says whether it is written.
    fn write(&mut self) -> bool {
        if self.held.is_empty() {
            return !self.state.failing.load(Ordering::Acquire);
        }
        let lost = self.state.lost.load(Ordering::Relaxed);
        let mut chain = self.chain.clone();
        self.lines.clear();
        for (at, record) in self.held.iter().enumerate() {
            let lost = if at == 0 { lost } else { 0 };
            chain.seal(&record.to_json(), lost, &mut self.lines);
        }
        match self.sink.append(&self.lines) {
            Ok(()) => {
                self.chain = chain;
                self.state.lost.fetch_sub(lost, Ordering::Relaxed);
                self.release();
                if self.state.failing.swap(false, Ordering::AcqRel) {
                    tracing::warn!(lost, "the audit is written again");
                }
                true
            }
            Err(error) => {
                self.fail(&error);
                false
            }
        }
    }

    fn fail(&mut self, error: &io::Error) {
        if !self.state.failing.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, "the audit cannot be written");
        }
        if self.on_failure == OnFailure::GoOn {
            let lost = self.held.len() as u64;
            self.state.lost.fetch_add(lost, Ordering::Relaxed);
            self.release();
        }
    }

    /// Nothing is held any more.
    fn release(&mut self) {
        let records = self.held.len();
        self.state.waiting.fetch_sub(records, Ordering::Relaxed);
        self.held.clear();
    }
}
