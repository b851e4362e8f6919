//! How long a connection may take: to send the head of a request, to send another request, to read what is written to it.
//!
//! hyper has a time limit for heads, but it counts while a connection is idle, too, and it makes a timer for each request.
//! Here a connection has one timer, which is looked at when the connection has nothing else to do.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// How long a connection may be idle between two requests.
const IDLE: Duration = Duration::from_secs(120);

/// How long a client may leave unread what is written to it.
const UNREAD: Duration = Duration::from_secs(60);

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct Pace {
    /// How many responses are not written yet.
    busy: AtomicUsize,
    /// Something is to come, or has come, that is no request yet.
    begun: AtomicBool,
    /// The client does not read what is written.
    stuck: AtomicBool,
    /// Several requests share the connection, and its bytes say nothing about them.
    multiplexed: AtomicBool,
    /// How many requests have come and how often something was written.
    moves: AtomicUsize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Its requests have time limits of their own.
    Busy,
    Idle,
    Head,
    Stuck,
}

impl Pace {
    /// The pace of a connection that was just opened.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            busy: AtomicUsize::new(0),
            begun: AtomicBool::new(true),
            stuck: AtomicBool::new(false),
            multiplexed: AtomicBool::new(false),
            moves: AtomicUsize::new(0),
        })
    }

    /// Notes that a request has come. The connection is busy as long as the result is held.
    pub(super) fn turn(self: &Arc<Self>, multiplexed: bool) -> Turn {
        self.busy.fetch_add(1, Ordering::Relaxed);
        self.moves.fetch_add(1, Ordering::Relaxed);
        self.begun.store(false, Ordering::Relaxed);
        self.multiplexed.store(multiplexed, Ordering::Relaxed);
        Turn(Arc::clone(self))
    }

    fn state(&self) -> State {
        if self.stuck.load(Ordering::Relaxed) {
            State::Stuck
        } else if self.busy.load(Ordering::Relaxed) > 0 {
            State::Busy
        } else if self.begun.load(Ordering::Relaxed) && !self.multiplexed.load(Ordering::Relaxed) {
            State::Head
        } else {
            State::Idle
        }
    }
}

/// A request whose response is not written yet.
#[derive(Debug)]
pub(super) struct Turn(Arc<Pace>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.begun.store(false, Ordering::Relaxed);
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Looks at the pace of a connection.
#[derive(Debug)]
pub(super) struct Watch {
    pace: Arc<Pace>,
    /// How long the head of a request may take.
    head: Duration,
    seen: (State, usize),
    since: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Watch {
    pub(super) fn new(pace: Arc<Pace>, head: Duration) -> Self {
        let now = Instant::now();
        Self {
            pace,
            head,
            seen: (State::Head, 0),
            since: now,
            timer: Box::pin(sleep_until(now + head)),
        }
    }

    /// From here on, the head of a request may take no longer than this.
    pub(super) fn hurry(&mut self, head: Duration) {
        self.head = self.head.min(head);
    }

    /// Completes when the connection is too slow. To be polled whenever the connection has been.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let seen = (self.pace.state(), self.pace.moves.load(Ordering::Relaxed));
        if seen != self.seen {
            self.seen = seen;
            self.since = Instant::now();
        }
        let limit = match self.seen.0 {
            State::Busy => return Poll::Pending,
            State::Idle => IDLE,
            State::Head => self.head,
            State::Stuck => UNREAD,
        };
        let due = self.since + limit;
        // The timer is only moved if it would be late. If it is early, it looks again.
        if self.timer.deadline() > due {
            self.timer.as_mut().reset(due);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(due);
        }
        Poll::Pending
    }
}

/// A stream that notes what goes over it.
#[derive(Debug)]
pub(super) struct Paced<S> {
    stream: S,
    pace: Arc<Pace>,
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, pace: Arc<Pace>) -> Self {
        Self { stream, pace }
    }

    fn written(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.pace
            .stuck
            .store(written.is_pending(), Ordering::Relaxed);
        if written.is_ready() {
            self.pace.moves.fetch_add(1, Ordering::Relaxed);
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.pace.begun.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
