//! What was said on a stream of a session, so that a client that has lost its connection can read it again.

use std::{
    collections::VecDeque,
    mem,
    task::{Context, Poll},
};

use tokio::time::Instant;

use super::{Feed, wake};

/// How much of what was said is kept, in bytes. The last event is kept in any case.
const KEPT: usize = 64 * 1024;

/// How long a client should wait before it comes back, in milliseconds.
const RETRY: u32 = 1000;

/// The events of a stream: each has an id of the number of its stream and its own.
#[derive(Debug)]
pub(super) struct Tape {
    stream: u64,
    last: u64,
    kept: VecDeque<(u64, Vec<u8>)>,
    bytes: usize,
    /// The number of the reader: each takes the place of the one before.
    reader: u64,
    attendance: Attendance,
    /// The call was taken back: there is nothing to come back for.
    is_void: bool,
    /// Since when nobody needs the stream, if nobody comes back to it.
    over: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attendance {
    Reading,
    /// The reader is to go when it has read what was said before.
    SentAway,
    Nobody,
}

impl Tape {
    fn new(stream: u64) -> Self {
        Self {
            stream,
            last: 0,
            kept: VecDeque::new(),
            bytes: 0,
            reader: 0,
            attendance: Attendance::Reading,
            is_void: false,
            over: None,
        }
    }

    pub(super) fn is_read(&self) -> bool {
        self.attendance == Attendance::Reading
    }

    /// Writes an event, also to `said` if there is a reader.
    pub(super) fn write(&mut self, line: &[u8], said: &mut Vec<u8>) {
        self.last += 1;
        let mut event = format!("id: {}-{}\ndata: ", self.stream, self.last).into_bytes();
        event.extend(line);
        event.extend(b"\n\n");
        if self.is_read() {
            said.extend(&event);
        }
        self.bytes += event.len();
        self.kept.push_back((self.last, event));
        while self.bytes > KEPT && self.kept.len() > 1 {
            let dropped = self.kept.pop_front();
            self.bytes -= dropped.map_or(0, |(_, event)| event.len());
        }
    }

    /// The event that comes first: it says nothing but where to go on.
    fn prime(&self) -> Vec<u8> {
        let Self { stream, last, .. } = self;
        format!("id: {stream}-{last}\nretry: {RETRY}\ndata: \n\n").into_bytes()
    }
}

impl Feed {
    /// The feed of a stream of a session, by its number.
    pub(crate) fn of_stream(number: u64, back: Option<Box<dyn super::Back>>) -> Self {
        let feed = Self {
            back,
            ..Self::default()
        };
        feed.state().tape = Some(Box::new(Tape::new(number)));
        feed
    }

    /// Whether it can be read again.
    pub(crate) fn is_taped(&self) -> bool {
        self.state().tape.is_some()
    }

    /// Has the stream begin with an event that says where to go on.
    pub(crate) fn prime(&self) {
        let mut state = self.state();
        let state = &mut *state;
        if let Some(tape) = &mut state.tape {
            let first = Tape::new(tape.stream).prime();
            state.said.splice(0..0, first);
        }
    }

    /// Says a line.
    pub(crate) fn write(&self, line: &[u8]) {
        let mut state = self.state();
        let state_ref = &mut *state;
        if state_ref.closed {
            return;
        }
        if let Some(tape) = &mut state_ref.tape {
            tape.write(line, &mut state_ref.said);
        }
        wake(state);
    }

    /// Says the last line; there is none if the call was taken back.
    pub(crate) fn finish(&self, line: Option<&[u8]>) {
        if let Some(line) = line {
            self.write(line);
        }
        let mut state = self.state();
        state.closed = true;
        if let Some(tape) = &mut state.tape {
            tape.over.get_or_insert_with(Instant::now);
            tape.is_void = line.is_none();
        }
        wake(state);
        self.room.notify_waiters();
    }

    /// Waits until there is a reason to begin a stream.
    pub(crate) fn poll_begin(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if !state.said.is_empty() || !state.is_read() {
            return Poll::Ready(());
        }
        state.register(cx.waker());
        Poll::Pending
    }

    /// Takes all that was said since the last time, for the reader with this number; `None` if there is nothing for it to wait for.
    pub(crate) fn poll_read(&self, reader: u64, cx: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        let mut state = self.state();
        let Some(tape) = &state.tape else {
            return Poll::Ready(None);
        };
        if tape.reader != reader {
            return Poll::Ready(None);
        }
        if state.said.is_empty() {
            if state.closed || !state.is_read() {
                return Poll::Ready(None);
            }
            state.register(cx.waker());
            return Poll::Pending;
        }
        let said = mem::take(&mut state.said);
        drop(state);
        self.room.notify_waiters();
        Poll::Ready(Some(said))
    }

    /// Lets a new reader take the place of the one before, from behind an event on. `None` if there never was such an event.
    pub(crate) fn resume(&self, after: u64) -> Option<u64> {
        let mut state = self.state();
        let closed = state.closed;
        let tape = state.tape.as_mut();
        let tape = tape.filter(|tape| after <= tape.last && !tape.is_void)?;
        tape.reader += 1;
        tape.attendance = Attendance::Reading;
        if !closed {
            tape.over = None;
        }
        let reader = tape.reader;
        let missed = tape.kept.iter().filter(|(number, _)| *number > after);
        let missed = missed.flat_map(|(_, event)| event).copied().collect();
        state.said = missed;
        wake(state);
        Some(reader)
    }

    /// The reader with this number has gone. A stream that is to `rest` then can be done without.
    pub(crate) fn leave(&self, reader: u64, rest: bool) {
        let mut state = self.state();
        let Some(tape) = state.tape.as_mut().filter(|tape| tape.reader == reader) else {
            return;
        };
        tape.attendance = Attendance::Nobody;
        if rest {
            tape.over.get_or_insert_with(Instant::now);
        }
        state.said = Vec::new();
        drop(state);
        self.room.notify_waiters();
    }

    /// Has the reader go when it has read what was said up to now.
    pub(crate) fn send_away(&self) {
        let mut state = self.state();
        match &mut state.tape {
            Some(tape) if tape.is_read() => tape.attendance = Attendance::SentAway,
            _ => return,
        }
        wake(state);
        self.room.notify_waiters();
    }

    /// How much is kept, in bytes.
    pub(crate) fn kept(&self) -> usize {
        let state = self.state();
        state.tape.as_ref().map_or(0, |tape| tape.bytes)
    }

    /// Since when the stream could be done without.
    pub(crate) fn over(&self) -> Option<Instant> {
        let state = self.state();
        state.tape.as_ref().and_then(|tape| tape.over)
    }
}
