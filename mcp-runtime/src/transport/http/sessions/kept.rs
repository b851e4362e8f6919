//! The streams of a session.

use std::{
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use http::StatusCode;
use tokio::time::Instant;

use super::{
    super::{
        super::session::{Visitor, Work},
        refused::Refused,
    },
    one::{Session, State},
};
use crate::{Kind, Service, context::Feed};

/// How many streams of everything that belongs to no request a session may have.
const MAX_HEARERS: usize = 16;

/// How long a stream can be read again when it is over.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// How much of streams that are over is kept, in bytes, and how many of them.
const KEPT: usize = 1024 * 1024;
const MAX_STREAMS: usize = 64;

/// A stream that can be read again.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) feed: Arc<Feed>,
    pub(super) of: Of,
}

/// What a stream belongs to.
#[derive(Clone)]
pub(super) enum Of {
    /// The call of a handler.
    Call(Arc<Errand>),
    /// Everything that belongs to no request.
    Session,
}

/// What was called.
#[derive(Debug)]
pub(super) struct Errand(pub(super) Option<(Kind, String)>);

impl Errand {
    pub(super) fn new(work: &Work) -> Self {
        Self(work.target().map(|(kind, name)| (kind, name.to_owned())))
    }
}

impl Session {
    /// Forgets the streams that nobody has come back to for long.
    pub(super) fn forget(&self, now: Instant) {
        let recent = |over: Instant| now.saturating_duration_since(over) < KEPT_FOR;
        let mut state = self.state();
        state
            .streams
            .retain(|_, stream| stream.feed.over().is_none_or(recent));
    }

    /// Keeps a stream, so that it can be read again.
    pub(super) fn keep(&self, number: u64, feed: &Arc<Feed>, of: Of) {
        let mut state = self.state();
        if state.ended {
            return;
        }
        let feed = Arc::clone(feed);
        state.streams.insert(number, Kept { feed, of });
        state.trim();
    }

    /// Somebody comes back without a request, who may hear less than before.
    pub(super) fn visited_by(&self, service: &Service, visitor: Visitor) {
        let mut state = self.state();
        state.session.visited_by(service, visitor);
        state.forget_lost();
    }

    /// The stream with this number, for whoever may still use what it belongs to.
    pub(super) fn stream_for(
        &self,
        number: u64,
        service: &Service,
        visitor: Visitor,
    ) -> Option<Kept> {
        let kept = self.stream(number)?;
        let Of::Call(errand) = &kept.of else {
            return Some(kept);
        };
        let Some((kind, name)) = &errand.0 else {
            return Some(kept);
        };
        let caller = self.state().session.caller(visitor)?;
        let registry = service.registry();
        let view = service.view(&registry, &caller);
        view.has(*kind, name).then_some(kept)
    }

    /// The stream with this number.
    pub(super) fn stream(&self, number: u64) -> Option<Kept> {
        self.state().streams.get(&number).cloned()
    }

    /// Opens a stream of everything that belongs to no request. Returns its number.
    pub(super) fn listen(&self, service: &Service) -> Result<u64, Refused> {
        let mut state = self.using()?;
        if state.hearers.len() >= MAX_HEARERS {
            let problem = "too many streams of this session are open";
            return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, problem));
        }
        state.session.listening.attend(service);
        let number = state.next();
        state.hearers.push((number, Waker::noop().clone()));
        Ok(number)
    }

    /// The next line that belongs to no request, if this stream is the one that is told; `None` at the end.
    pub(super) fn poll_heard(
        &self,
        place: u64,
        service: &Service,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Vec<u8>>> {
        let mut state = self.state();
        if state.ended {
            return Poll::Ready(None);
        }
        let last = state.hearers.last().is_some_and(|(last, _)| *last == place);
        if last && let Poll::Ready(line) = state.session.listening.poll(cx, service) {
            return Poll::Ready(Some(line));
        }
        // Looked at when the mailbox knows whom to wake.
        if service.parts().live.hub.has_ended() {
            return Poll::Ready(None);
        }
        let mut hearers = state.hearers.iter_mut();
        if let Some((_, waker)) = hearers.find(|(number, _)| *number == place) {
            waker.clone_from(cx.waker());
        }
        Poll::Pending
    }

    /// A stream of everything that belongs to no request has ended: the one before is told from now on.
    pub(super) fn leave(&self, place: u64) {
        let mut state = self.state();
        state.hearers.retain(|(number, _)| *number != place);
        let next = state.hearers.last().map(|(_, waker)| waker.clone());
        drop(state);
        if let Some(next) = next {
            next.wake();
        }
    }
}

impl State {
    /// What was told of resources that the session may not hear of any more cannot be read again.
    pub(super) fn forget_lost(&mut self) {
        if self.session.listening.take_lost() {
            let stays = |kept: &Kept| matches!(kept.of, Of::Call(_)) || !kept.feed.is_taped();
            self.streams.retain(|_, kept| stays(kept));
        }
    }

    /// Keeps no more than there is room for; streams that go on are kept in any case.
    pub(super) fn trim(&mut self) {
        let mut bytes: usize = self.streams.values().map(|stream| stream.feed.kept()).sum();
        let mut count = self.streams.len();
        self.streams.retain(|_, stream| {
            let goes = (bytes > KEPT || count > MAX_STREAMS) && stream.feed.over().is_some();
            if goes {
                bytes -= stream.feed.kept().min(bytes);
                count -= 1;
            }
            !goes
        });
    }
}
