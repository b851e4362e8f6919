//! The way from a handler to the response of its own HTTP request, and in a session the way back.

mod asking;
mod tape;

pub(crate) use self::asking::Back;

use std::{
    fmt, mem,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use tokio::sync::Notify;

use self::tape::Tape;
use super::Notice;

/// How much may wait to be read, in bytes, before the handler waits with what it says.
const ROOM: usize = 64 * 1024;

/// What a handler says before its answer, as server-sent events that are ready to be written.
///
/// It costs next to nothing until something is said. It is bounded: a client that reads slowly slows the handler down.
#[derive(Default)]
pub(crate) struct Feed {
    state: Mutex<State>,
    /// Tells those who wait for room.
    room: Notify,
    /// Where questions go, in a session.
    back: Option<Box<dyn Back>>,
}

#[derive(Default)]
struct State {
    said: Vec<u8>,
    reader: Option<Waker>,
    /// Nobody listens any more, or everything is said.
    closed: bool,
    /// What was said before, if it can be read again.
    tape: Option<Box<Tape>>,
}

impl Feed {
    /// Says something, as soon as there is room for it. Whether anybody listens is noticed elsewhere.
    pub(crate) async fn notify(&self, notice: impl Notice) {
        self.room().await;
        self.say(&notice);
    }

    /// Waits until there is room, or nobody to say anything to.
    pub(crate) async fn room(&self) {
        while !self.has_room() {
            let mut room = pin!(self.room.notified());
            room.as_mut().enable();
            // It may have been made before anybody waited for it.
            if self.has_room() {
                return;
            }
            room.await;
        }
    }

    /// Whether there is room, or nobody to say anything to.
    pub(crate) fn has_room(&self) -> bool {
        let state = self.state();
        state.closed || state.said.len() < ROOM || !state.is_read()
    }

    /// Says something where there is room.
    pub(crate) fn say(&self, notice: &impl Notice) {
        let mut state = self.state();
        if state.closed {
            return;
        }
        state.event(notice);
        wake(state);
    }

    /// Says what are events already, whether there is room or not.
    #[cfg(feature = "sse")]
    pub(crate) fn append(&self, events: &[u8]) {
        let mut state = self.state();
        if !state.closed {
            state.said.extend(events);
            wake(state);
        }
    }

    /// Takes all that was said since the last time.
    pub(crate) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Vec<u8>> {
        let mut state = self.state();
        if state.said.is_empty() {
            state.register(cx.waker());
            return Poll::Pending;
        }
        let said = mem::take(&mut state.said);
        drop(state);
        self.room.notify_waiters();
        Poll::Ready(said)
    }

    /// Takes the rest. What is said from now on goes nowhere.
    pub(crate) fn close(&self) -> Vec<u8> {
        let mut state = self.state();
        state.closed = true;
        let said = mem::take(&mut state.said);
        drop(state);
        self.room.notify_waiters();
        said
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the reader, with nothing locked: nobody knows what a waker does.
fn wake(mut state: MutexGuard<'_, State>) {
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl State {
    fn register(&mut self, waker: &Waker) {
        match &mut self.reader {
            Some(reader) => reader.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    /// Says a message, if it has a JSON form.
    fn event(&mut self, notice: &impl Notice) {
        match &mut self.tape {
            None => event(&mut self.said, notice),
            Some(tape) => {
                let mut message = Vec::new();
                if notice.write(&mut message).is_ok() {
                    tape.write(&message, &mut self.said);
                }
            }
        }
    }

    /// Whether anybody reads, or will.
    fn is_read(&self) -> bool {
        self.tape.as_ref().is_none_or(|tape| tape.is_read())
    }
}

/// Writes one event; none if the message has no JSON form.
fn event(out: &mut Vec<u8>, notice: &impl Notice) {
    let start = out.len();
    out.extend_from_slice(b"data: ");
    match notice.write(out) {
        Ok(()) => out.extend_from_slice(b"\n\n"),
        Err(_) => out.truncate(start),
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt as _;
    use rmcp::model::{
        NumberOrString, ProgressNotificationParam, ProgressToken, ServerNotification,
    };

    use super::*;

    fn progress(done: f64) -> ServerNotification {
        let token = ProgressToken(NumberOrString::Number(1));
        rmcp::model::Notification::new(ProgressNotificationParam::new(token, done)).into()
    }

    fn taken(feed: &Feed) -> String {
        match feed.poll_take(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(said) => String::from_utf8(said).unwrap(),
            Poll::Pending => String::new(),
        }
    }

    #[test]
    fn what_is_said_comes_out_in_order_and_once() {
        let feed = Feed::default();
        assert_eq!(taken(&feed), "");
        feed.notify(progress(1.0)).now_or_never().unwrap();
        feed.notify(progress(2.0)).now_or_never().unwrap();
        let said = taken(&feed);
        let events: Vec<&str> = said.split_terminator("\n\n").collect();
        assert_eq!(events.len(), 2, "{said}");
        assert!(events[0].starts_with("data: {") && events[0].contains("\"progress\":1"));
        assert!(events[1].contains("\"progress\":2"));
        assert_eq!(taken(&feed), "");
    }

    #[tokio::test]
    async fn a_handler_waits_for_a_reader_that_is_slow() {
        let feed = Arc::new(Feed::default());
        while feed.notify(progress(1.0)).now_or_never().is_some() {}
        let waiting = tokio::spawn({
            let feed = Arc::clone(&feed);
            async move { feed.notify(progress(2.0)).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        assert!(taken(&feed).len() >= ROOM);
        waiting.await.unwrap();
        assert!(taken(&feed).contains("\"progress\":2"));
    }

    #[tokio::test]
    async fn nobody_waits_for_a_reader_that_is_gone() {
        let feed = Arc::new(Feed::default());
        while feed.notify(progress(1.0)).now_or_never().is_some() {}
        let waiting = tokio::spawn({
            let feed = Arc::clone(&feed);
            async move { feed.notify(progress(2.0)).await }
        });
        tokio::task::yield_now().await;
        assert!(feed.close().len() >= ROOM);
        waiting.await.unwrap();
        assert!(feed.close().is_empty());
    }
}
