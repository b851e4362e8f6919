//! One client: reads its lines, runs what they ask for, writes what comes back.

use std::{
    future::poll_fn,
    io, mem,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot},
    time::{Instant, Sleep, sleep_until, timeout},
};

use super::{
    desk::{Desk, Started},
    guest::Guest,
    lines::Lines,
    seat::Seat,
};
use crate::{
    Service,
    context::{Outbox, Posted},
};

/// How long calls in flight may go on when the client sends nothing more.
const DRAIN: Duration = Duration::from_secs(5);

/// How long calls in flight may go on when the process is told to end.
const HURRY: Duration = Duration::from_secs(2);

/// How long handlers that were dropped may take to let go of what they hold.
const LET_GO: Duration = Duration::from_millis(500);

/// How much may wait to be written, in bytes, before nothing more is read: a client that writes all its requests before it
/// reads the first answer should get through.
const MAX_UNWRITTEN: usize = 4 * 1024 * 1024;

/// How much may wait to be written, in bytes, before handlers wait with what they send.
const MAX_POSTED: usize = 64 * 1024;

/// How many messages of handlers may wait to be looked at.
const OUTBOX: usize = 128;

/// A buffer that has grown beyond this is given back when it is empty.
const KEPT: usize = 2 * 1024 * 1024;

type Reader = Box<dyn AsyncRead + Send + Unpin>;
type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// Serves one client until it is gone. Each of `orders` asks to end: the first in a hurry, the second at once.
///
/// Returns whether a handler still holds a thread of the runtime.
pub(super) async fn serve(
    service: Service,
    (reader, writer): (Reader, Writer),
    orders: mpsc::UnboundedReceiver<()>,
    guest: Guest,
) -> io::Result<bool> {
    let (done, ended) = oneshot::channel();
    let (outbox, posted) = mpsc::channel(OUTBOX);
    let seat = Seat::new();
    let connection = Box::new(Connection {
        lines: Lines::new(service.parts().settings.max_line_bytes),
        desk: Desk::new(service, outbox, guest),
        reader,
        writer,
        out: Vec::new(),
        written: 0,
        unflushed: false,
        posted,
        orders: Some(orders),
        ending: None,
        hurried: false,
        failure: None,
        over: false,
        done,
        sent: Waker::from(Arc::clone(&seat)),
        seat,
    });
    // In a task, because only tasks run on the threads that wait for events: here each message would wake another thread.
    tokio::spawn(lead(connection));
    ended
        .await
        .unwrap_or_else(|_| Err(io::Error::other("the runtime has ended")))
}

/// Leads a connection to its end, or until it is taken over by another task. Runs as a task, not inside of another future.
pub(super) fn lead(mut connection: Box<Connection>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        while let Some(started) = connection.next().await {
            let Started {
                work,
                service,
                caller,
                outbox,
            } = started;
            let seat = Arc::clone(&connection.seat);
            // It stays in this task: to put it into a box costs more than a small handler does.
            let mut job = pin!(work.run(service, caller));
            match seat.poll(connection, &mut job, &waker) {
                (Some(mut back), Poll::Ready(line)) => {
                    back.answer(outbox, line);
                    connection = back;
                }
                (None, Poll::Ready(line)) => return outbox.answer(line).await,
                (back, Poll::Pending) => {
                    if let Some(connection) = back {
                        tokio::spawn(lead(connection));
                    }
                    return apart(job, outbox, seat).await;
                }
            }
        }
        connection.close().await;
    })
}

/// Runs a handler to its end in a task that it has to itself, and that has polled it just now.
async fn apart(
    mut job: Pin<&mut impl Future<Output = Option<Vec<u8>>>>,
    outbox: Outbox,
    seat: Arc<Seat>,
) {
    let mut polled = true;
    let line = poll_fn(|cx| {
        if mem::take(&mut polled) {
            return Poll::Pending;
        }
        seat.poll_apart(&mut job, cx)
    });
    outbox.answer(line.await).await;
}

/// A connection to a client.
pub(super) struct Connection {
    reader: Reader,
    writer: Writer,
    lines: Lines,
    desk: Desk,
    /// What is to be written, from `written` on.
    out: Vec<u8>,
    written: usize,
    unflushed: bool,
    posted: mpsc::Receiver<Posted>,
    orders: Option<mpsc::UnboundedReceiver<()>>,
    /// The end of the time that calls in flight have, once nothing more is read.
    ending: Option<Pin<Box<Sleep>>>,
    /// Also what has been read already is not looked at any more.
    hurried: bool,
    failure: Option<io::Error>,
    /// Nobody waits for anything any more.
    over: bool,
    done: oneshot::Sender<io::Result<bool>>,
    seat: Arc<Seat>,
    /// The seat, as the waker of those who have sent something.
    sent: Waker,
}

impl Connection {
    /// The next handler to run, or `None` at the end of everything.
    async fn next(&mut self) -> Option<Started> {
        loop {
            self.collect();
            while self.takes()
                && let Some(line) = self.lines.next()
            {
                if let Some(started) = self.desk.read(&line, &mut self.out) {
                    return Some(started);
                }
            }
            let idle = self.desk.running() == 0 && self.desk.streams() == 0 && self.is_written();
            if self.over || (self.ending.is_some() && idle) {
                return None;
            }
            poll_fn(|cx| self.poll(cx)).await;
        }
    }

    /// Writes the answer of a handler that was ready at once, behind everything that it has sent.
    fn answer(&mut self, outbox: Outbox, line: Option<Vec<u8>>) {
        for _ in 0..OUTBOX {
            let Ok(posted) = self.posted.try_recv() else {
                break;
            };
            self.desk.post(posted, &mut self.out);
        }
        self.desk.post(outbox.answered(line), &mut self.out);
    }

    /// Takes what handlers have sent, as long as there is room.
    fn collect(&mut self) {
        while self.unwritten() < MAX_POSTED
            && let Ok(posted) = self.posted.try_recv()
        {
            self.desk.post(posted, &mut self.out);
        }
    }

    /// Whether one more request may be taken.
    fn takes(&self) -> bool {
        !self.hurried && !self.over && self.desk.takes() && self.unwritten() < MAX_UNWRITTEN
    }

    fn unwritten(&self) -> usize {
        self.out.len() - self.written
    }

    fn is_written(&self) -> bool {
        self.unwritten() == 0 && !self.unflushed
    }

    /// Waits until anything has moved. Everything gets its turn in each poll, so that nothing starves.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let moved = [
            self.poll_write(cx),
            self.poll_read(cx),
            self.poll_posted(cx),
            self.poll_changes(cx),
            self.poll_orders(cx),
            self.poll_end(cx),
        ];
        if moved.iter().any(Poll::is_ready) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_written() {
            return Poll::Pending;
        }
        while self.unwritten() > 0 {
            let rest = &self.out[self.written..];
            match ready!(Pin::new(&mut self.writer).poll_write(cx, rest)) {
                Ok(0) => return self.broken(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.advance(count),
                Err(error) => return self.broken(error),
            }
        }
        let flushed = ready!(Pin::new(&mut self.writer).poll_flush(cx));
        self.unflushed = false;
        match flushed {
            Ok(()) => Poll::Ready(()),
            Err(error) => self.broken(error),
        }
    }

    fn advance(&mut self, count: usize) {
        self.written += count;
        self.unflushed = true;
        if self.written == self.out.len() {
            self.out.clear();
            self.written = 0;
            if self.out.capacity() > KEPT {
                self.out = Vec::new();
            }
        } else if self.written > self.out.len() / 2 {
            self.out.drain(..self.written);
            self.written = 0;
        }
    }

    /// Nothing can be written any more.
    fn broken(&mut self, error: io::Error) -> Poll<()> {
        self.fail(error);
        self.over = true;
        Poll::Ready(())
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.ending.is_some() || !self.takes() {
            return Poll::Pending;
        }
        let read = pin!(self.reader.read_buf(self.lines.room())).poll(cx);
        match ready!(read) {
            Ok(0) => self.end_within(DRAIN),
            Ok(_) => {}
            Err(error) => {
                self.fail(error);
                self.end_within(DRAIN);
            }
        }
        Poll::Ready(())
    }

    fn poll_posted(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.unwritten() >= MAX_POSTED {
            return Poll::Pending;
        }
        if let Some(posted) = ready!(self.poll_sent(cx)) {
            self.desk.post(posted, &mut self.out);
        }
        Poll::Ready(())
    }

    fn poll_changes(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut told = Poll::Pending;
        while self.unwritten() < MAX_POSTED && self.desk.poll_changes(cx, &mut self.out).is_ready()
        {
            told = Poll::Ready(());
        }
        told
    }

    /// Waits for what handlers send, to be woken by the seat.
    fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<Option<Posted>> {
        self.seat.register(cx.waker());
        self.posted.poll_recv(&mut Context::from_waker(&self.sent))
    }

    fn poll_orders(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(orders) = &mut self.orders else {
            return Poll::Pending;
        };
        match ready!(orders.poll_recv(cx)) {
            Some(()) if self.hurried => self.over = true,
            Some(()) => {
                self.hurried = true;
                self.end_within(HURRY);
            }
            None => self.orders = None,
        }
        Poll::Ready(())
    }

    /// The time is up, or nobody waits for the connection any more.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let late = match &mut self.ending {
            Some(sleep) => sleep.as_mut().poll(cx),
            None => Poll::Pending,
        };
        if late.is_pending() {
            ready!(self.done.poll_closed(cx));
        }
        self.over = true;
        Poll::Ready(())
    }

    fn end_within(&mut self, limit: Duration) {
        // Nothing more is read, answers neither.
        self.desk.hang_up();
        let end = Instant::now() + limit;
        match &mut self.ending {
            Some(sleep) if sleep.deadline() > end => sleep.as_mut().reset(end),
            Some(_) => {}
            None => {
                self.ending = Some(Box::pin(sleep_until(end)));
                self.desk.end_streams();
            }
        }
    }

    /// Notes an error, unless it says that the client is gone, which is no error.
    fn fail(&mut self, error: io::Error) {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
        let gone = [BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected];
        if !gone.contains(&error.kind()) {
            self.failure.get_or_insert(error);
        }
    }

    /// Drops what still runs, and says goodbye.
    async fn close(mut self: Box<Self>) {
        self.desk.cancel();
        let let_go = async {
            while self.desk.running() > 0 {
                let Some(posted) = poll_fn(|cx| self.poll_sent(cx)).await else {
                    break;
                };
                self.desk.post(posted, &mut Vec::new());
            }
        };
        if timeout(LET_GO, let_go).await.is_err() {
            tracing::warn!("a handler goes on although nobody waits for it any more");
        }
        let _ = timeout(LET_GO, self.writer.shutdown()).await;
        let held = self.seat.is_held();
        let _ = self.done.send(match self.failure {
            Some(error) => Err(error),
            None => Ok(held),
        });
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("desk", &self.desk)
            .finish_non_exhaustive()
    }
}
