//! Where records become lines, and the way there.

use std::{
    fmt, io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use tokio::sync::oneshot;

use super::{OnFailure, Sink, chain::Chain, record::Record};

/// How many records may wait for the sink. If more would, they are lost, or their calls are refused.
const MAX_WAITING: usize = 8192;

/// How many records are written at once.
const BATCH: usize = 256;

/// How many times a call writes what there is, its own record among it, before the thread has to.
const SHARE: usize = 4;

/// How often a call looks for the writer: for a few microseconds.
const SPINS: usize = 100;

/// The way of records to the sink. Everything is written when this is dropped.
pub(super) struct Log {
    shared: Arc<Shared>,
    on_failure: OnFailure,
    /// Whether calls write, as long as they are not kept from their answers by what there is to write for others.
    by_calls: bool,
    /// Who writes otherwise. It is there until this is dropped.
    thread: Option<JoinHandle<()>>,
}

/// What all sides know.
struct Shared {
    state: State,
    queue: Mutex<Vec<Message>>,
    /// Whoever has it writes, also for those who come in the meantime.
    writer: Mutex<Writer>,
    closed: AtomicBool,
}

/// How it is.
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
    record: Option<Record>,
    waiter: Option<oneshot::Sender<bool>>,
}

impl Log {
    pub(super) fn start(
        sink: Box<dyn Sink>,
        chain: Chain,
        on_failure: OnFailure,
    ) -> io::Result<Self> {
        let by_calls = on_failure == OnFailure::Refuse && !sink.is_blocking();
        let shared = Arc::new(Shared {
            state: State::default(),
            queue: Mutex::default(),
            writer: Mutex::new(Writer {
                sink,
                chain,
                on_failure,
                held: Vec::new(),
                lines: Vec::new(),
            }),
            closed: AtomicBool::new(false),
        });
        let thread = thread::Builder::new().name("mcp-audit".into());
        let writing = Arc::clone(&shared);
        let thread = thread.spawn(move || writing.run())?;
        Ok(Self {
            shared,
            on_failure,
            by_calls,
            thread: Some(thread),
        })
    }

    /// Whether a call may be made: whether there will be a record of it.
    pub(super) async fn is_open(&self) -> bool {
        if self.on_failure == OnFailure::GoOn {
            return true;
        }
        // Who asks while the sink fails makes it try again, also when nothing more may wait for it.
        let works = !self.shared.state.failing.load(Ordering::Acquire) || self.flush().await;
        works && !self.is_full()
    }

    fn is_full(&self) -> bool {
        self.shared.state.waiting.load(Ordering::Relaxed) >= MAX_WAITING
    }

    /// Writes a record, and says whether its call may be answered.
    pub(super) async fn write(&self, record: Record) -> bool {
        match self.on_failure {
            OnFailure::GoOn => {
                self.push(record);
                true
            }
            OnFailure::Refuse => match self.write_now(record) {
                Ok(written) => written,
                Err(record) => self.ask(Some(record)).await,
            },
        }
    }

    /// Writes a record and what waits before it, and says whether it is written. It comes back if somebody else writes.
    fn write_now(&self, record: Record) -> Result<bool, Record> {
        let shared = &self.shared;
        let writer = self.by_calls.then(|| shared.writer());
        let Some(mut writer) = writer.flatten() else {
            return Err(record);
        };
        shared.state.waiting.fetch_add(1, Ordering::Relaxed);
        let before = shared.next().unwrap_or_default();
        let written = writer.take(before, Some(record), &shared.state);
        drop(writer);
        if !shared.queue().is_empty() {
            self.write_rest();
        }
        Ok(written)
    }

    /// Writes a record that nobody waits for, unless too many wait for the sink.
    pub(super) fn push(&self, record: Record) {
        if self.is_full() {
            self.lose();
        } else {
            self.send(Some(record), None);
        }
    }

    /// Writes the record of a call of which nothing has run. Nobody stops a client that makes such calls while calls are refused:
    /// their records are not kept for a sink that fails.
    pub(super) fn push_idle(&self, record: Record) {
        let holds = self.on_failure == OnFailure::Refuse;
        if holds && self.shared.state.failing.load(Ordering::Acquire) {
            self.lose();
        } else {
            self.push(record);
        }
    }

    /// Counts a record that there will not be.
    pub(super) fn lose(&self) {
        self.shared.state.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until everything is written, and says whether it is.
    pub(super) async fn flush(&self) -> bool {
        self.ask(None).await
    }

    async fn ask(&self, record: Option<Record>) -> bool {
        let (waiter, answer) = oneshot::channel();
        self.send(record, Some(waiter));
        answer.await.unwrap_or(false)
    }

    fn send(&self, record: Option<Record>, waiter: Option<oneshot::Sender<bool>>) {
        let records = usize::from(record.is_some());
        self.shared
            .state
            .waiting
            .fetch_add(records, Ordering::Relaxed);
        self.shared.queue().push(Message { record, waiter });
        self.write_rest();
    }

    /// Sees to it that what waits is written.
    fn write_rest(&self) {
        let written = self.by_calls && self.shared.write(SHARE);
        if !written && let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("state", &self.shared.state)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Vec<Message>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What runs on the thread.
    fn run(&self) {
        while !self.closed.load(Ordering::Acquire) {
            self.write(usize::MAX);
            thread::park();
        }
        self.write(usize::MAX);
    }

    /// Writes what waits, so many times at most, and says whether nothing is left that nobody writes.
    fn write(&self, times: usize) -> bool {
        for _ in 0..times {
            // Whoever has it looks for more when it has been given back.
            let Some(mut writer) = self.writer() else {
                return true;
            };
            if let Some(messages) = self.next() {
                writer.take(messages, None, &self.state);
            }
            drop(writer);
            if self.queue().is_empty() {
                return true;
            }
        }
        false
    }

    /// The writer, if nobody has it. A record takes so little time that it is worth waiting for one, but not for a disk.
    fn writer(&self) -> Option<MutexGuard<'_, Writer>> {
        for _ in 0..SPINS {
            match self.writer.try_lock() {
                Ok(writer) => return Some(writer),
                Err(TryLockError::Poisoned(writer)) => return Some(writer.into_inner()),
                Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
            }
        }
        None
    }

    /// What is to be written next.
    fn next(&self) -> Option<Vec<Message>> {
        let mut queue = self.queue();
        let first = queue.len().min(BATCH);
        let later = queue.split_off(first);
        let messages = mem::replace(&mut *queue, later);
        (!messages.is_empty()).then_some(messages)
    }
}

/// Who makes records into lines of the sink.
struct Writer {
    sink: Box<dyn Sink>,
    chain: Chain,
    on_failure: OnFailure,
    /// The records that are to be written next: those that the sink has not taken are written before all others.
    held: Vec<Record>,
    lines: Vec<u8>,
}

impl Writer {
    /// Writes what has waited, then `last`, and says whether all of it is written.
    fn take(&mut self, messages: Vec<Message>, last: Option<Record>, state: &State) -> bool {
        let mut waiters = Vec::new();
        for Message { record, waiter } in messages {
            self.held.extend(record);
            waiters.extend(waiter);
        }
        self.held.extend(last);
        let written = self.write(state);
        for waiter in waiters {
            // Who has gone away does not want to know.
            let _ = waiter.send(written);
        }
        written
    }

    /// Writes what is held, and says whether it is written.
    fn write(&mut self, state: &State) -> bool {
        while !self.held.is_empty() {
            // What a sink that fails has to be given again is not more than this.
            let records = self.held.len().min(BATCH);
            let lost = state.lost.load(Ordering::Relaxed);
            let chain = self.seal(records, lost);
            if let Err(error) = self.append() {
                self.fail(&error, state);
                return false;
            }
            self.chain = chain;
            state.lost.fetch_sub(lost, Ordering::Relaxed);
            self.release(records, state);
            if state.failing.swap(false, Ordering::AcqRel) {
                tracing::warn!(lost, "the audit is written again");
            }
        }
        !state.failing.load(Ordering::Acquire)
    }

    /// Makes the first records that are held into lines. The chain is the one that there is when they are written.
    fn seal(&mut self, records: usize, lost: u64) -> Chain {
        let mut chain = self.chain.clone();
        self.lines.clear();
        for (at, record) in self.held.iter().take(records).enumerate() {
            let lost = if at == 0 { lost } else { 0 };
            chain.seal(record, lost, &mut self.lines);
        }
        chain
    }

    /// A sink that panics has failed.
    fn append(&mut self) -> io::Result<()> {
        let appended = catch_unwind(AssertUnwindSafe(|| self.sink.append(&self.lines)));
        appended.unwrap_or_else(|_| Err(io::Error::other("the sink has panicked")))
    }

    fn fail(&mut self, error: &io::Error, state: &State) {
        if !state.failing.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, "the audit cannot be written");
        }
        if self.on_failure == OnFailure::GoOn {
            let records = self.held.len();
            state.lost.fetch_add(records as u64, Ordering::Relaxed);
            self.release(records, state);
        }
    }

    /// The first records are not held any more.
    fn release(&mut self, records: usize, state: &State) {
        state.waiting.fetch_sub(records, Ordering::Relaxed);
        self.held.drain(..records);
    }
}
