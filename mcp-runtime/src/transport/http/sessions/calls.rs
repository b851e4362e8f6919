//! The calls of a session: each runs inside of its request at first, and goes on without it when the client is gone.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Response, StatusCode};
use rmcp::model::ProtocolVersion;
use tokio::{
    runtime::Handle,
    time::{Sleep, sleep},
};

use super::{
    super::{
        body::HttpBody,
        exchange::SILENCE,
        front::Accepts,
        room::Places,
        running::Said,
        sse::{self, Source},
    },
    kept::Of,
    one::{Call, Stay},
};
use crate::context::Feed;

/// A handler that runs, up to the line that answers; there is none if the client took the request back.
type Job = Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send>>;

/// A call, as long as its request waits for it.
pub(super) struct Running {
    job: Option<Job>,
    call: Option<Call>,
    /// What the handler says before its answer, if the client can be told.
    feed: Option<Arc<Feed>>,
    /// How many handlers may go on whose clients are gone.
    room: Arc<Places>,
}

impl Running {
    pub(super) fn new(
        job: impl Future<Output = Option<Vec<u8>>> + Send + 'static,
        call: Call,
        feed: Option<Arc<Feed>>,
        room: Arc<Places>,
    ) -> Self {
        Self {
            job: Some(Box::pin(job)),
            call: Some(call),
            feed,
            room,
        }
    }

    /// Runs the handler until it is known what the response looks like.
    pub(super) async fn respond(
        mut self,
        version: &ProtocolVersion,
        accepts: Accepts,
        keep_alive: Duration,
    ) -> Response<HttpBody> {
        let mut silence: Option<Pin<Box<Sleep>>> = None;
        let answered = poll_fn(|cx| {
            let answer = self.poll_job(cx);
            let begins = match &self.feed {
                None => Poll::Pending,
                Some(feed) => feed.poll_begin(cx),
            };
            match (answer, begins) {
                (Poll::Ready(line), begins) => Poll::Ready(Some((line, begins.is_ready()))),
                (Poll::Pending, Poll::Ready(())) => Poll::Ready(None),
                (Poll::Pending, Poll::Pending) if self.feed.is_some() => {
                    let silence = silence.get_or_insert_with(|| Box::pin(sleep(SILENCE)));
                    silence.as_mut().poll(cx).map(|()| None)
                }
                (Poll::Pending, Poll::Pending) => Poll::Pending,
            }
        })
        .await;
        let feed = self.feed.clone();
        match (answered, feed) {
            (Some((Some(line), false)), _) if accepts.json => HttpBody::json(StatusCode::OK, line),
            (Some((None, false)), Some(_)) => sse::nothing(),
            (Some((line, _)), Some(feed)) => {
                feed.finish(line.as_deref());
                self.stream(&feed, version, keep_alive)
            }
            (None, Some(feed)) => self.stream(&feed, version, keep_alive),
            // It was taken back.
            (_, None) => HttpBody::empty(StatusCode::ACCEPTED),
        }
    }

    /// The response as a stream, which can be read again.
    fn stream(
        self,
        feed: &Arc<Feed>,
        version: &ProtocolVersion,
        keep_alive: Duration,
    ) -> Response<HttpBody> {
        if let Some(call) = &self.call {
            let of = Of::Call(Arc::clone(&call.errand));
            call.stay.0.keep(call.ticket.serial, feed, of);
        }
        sse::response(begin(feed, version), self, keep_alive)
    }

    fn poll_job(&mut self, cx: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        let Some(job) = &mut self.job else {
            return Poll::Pending;
        };
        let line = std::task::ready!(job.as_mut().poll(cx));
        // What the handler was given is dropped before anybody can think that it has ended.
        self.job = None;
        Poll::Ready(match &self.call {
            Some(call) => call.settle(line),
            None => line,
        })
    }
}

/// What a stream begins with: where to go on, for clients that know what to do with it.
pub(super) fn begin(feed: &Feed, version: &ProtocolVersion) -> Vec<u8> {
    if *version < ProtocolVersion::V_2025_11_25 {
        return sse::COMMENT.to_vec();
    }
    feed.prime();
    Vec::new()
}

impl Source for Running {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        if let Poll::Ready(line) = self.poll_job(cx) {
            if let Some(feed) = &self.feed {
                feed.finish(line.as_deref());
            }
            self.call = None;
        }
        match &self.feed {
            Some(feed) => feed.poll_read(0, cx).map(Said::from),
            None => Poll::Pending,
        }
    }
}

/// The client is gone, or somewhere else. The handler goes on, if there are not too many of its kind.
impl Drop for Running {
    fn drop(&mut self) {
        let feed = self.feed.take();
        if let Some(feed) = &feed {
            feed.leave(0, false);
        }
        let (Some(job), Some(call)) = (self.job.take(), self.call.take()) else {
            return;
        };
        let room = self.room.take(call.stay.0.owned());
        let (Ok(room), Ok(runtime)) = (room, Handle::try_current()) else {
            tracing::warn!("too many calls go on without a client: one is dropped");
            // Whoever comes back for the answer is told that there will be none.
            if let Some(feed) = feed {
                feed.finish(None);
            }
            return;
        };
        runtime.spawn(async move {
            let line = call.settle(job.await);
            if let Some(feed) = feed {
                feed.finish(line.as_deref());
            }
            drop((call, room));
        });
    }
}

/// The stream of a call, read again.
pub(super) struct Reading {
    pub(super) feed: Arc<Feed>,
    pub(super) reader: u64,
    #[expect(dead_code, reason = "the session is not idle while somebody reads")]
    pub(super) stay: Stay,
}

impl Source for Reading {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        self.feed.poll_read(self.reader, cx).map(Said::from)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.feed.leave(self.reader, false);
    }
}

impl From<Option<Vec<u8>>> for Said {
    fn from(said: Option<Vec<u8>>) -> Self {
        said.map_or(Self::End, Self::Words)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use rmcp::model::RequestId;

    use super::{
        super::{
            super::super::session,
            id::Id,
            kept::{Errand, Of},
            one::Session,
        },
        *,
    };
    use crate::context::Ticket;

    #[tokio::test]
    async fn nobody_waits_for_the_answer_of_a_call_that_had_no_room_to_go_on() {
        let id = Id::random().unwrap();
        let session = Arc::new(Session::new(id, None, session::Session::default()));
        let ticket = Ticket {
            id: RequestId::Number(1),
            serial: 1,
        };
        session.state().running = 1;
        let stay = session.stay();
        let feed = Arc::new(Feed::of_stream(1, None));
        let errand = Arc::new(Errand(None));
        session.keep(1, &feed, Of::Call(Arc::clone(&errand)));
        let running = Running::new(
            Box::pin(std::future::pending()),
            Call {
                stay,
                ticket,
                errand,
            },
            Some(Arc::clone(&feed)),
            Arc::new(Places::new(0, 0)),
        );
        // Somebody has come back before the server sees that the first connection is gone.
        let reader = feed.resume(0).unwrap();
        drop(running);
        let read = poll_fn(|cx| feed.poll_read(reader, cx)).now_or_never();
        assert_eq!(read, Some(None));
        assert_eq!(feed.resume(0), None);
        assert!(feed.over().is_some(), "it is kept for ever");
        assert!(session.is_idle(Duration::ZERO, tokio::time::Instant::now()));
    }
}
