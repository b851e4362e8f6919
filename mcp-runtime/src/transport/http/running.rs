//! A handler that runs inside of its request: whoever polls the response runs it, and dropping the response ends it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::FutureExt as _;
use http::StatusCode;
use rmcp::model::{ErrorData, RequestId};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{
    super::reply,
    refused::status_of_answer,
    room::{self, Places},
    sse::Source,
};
use crate::{Principal, context::Feed, driver::message};

/// The line of a result, or an error; neither if the call was taken back.
type Outcome = Option<Result<Vec<u8>, ErrorData>>;

/// A handler on its way to an answer.
pub(super) struct Running {
    work: Option<Pin<Box<dyn Future<Output = Outcome> + Send>>>,
    /// What the handler says before its answer, if the client can be told.
    feed: Option<Arc<Feed>>,
    id: RequestId,
    /// What happens when nobody waits for the answer any more.
    parting: Parting,
}

/// What becomes of a handler whose client is gone.
pub(super) enum Parting {
    /// The client has taken the request back by going: so it is since 2026-07-28.
    Cancel(CancellationToken),
    /// Going means nothing: the handler goes on, if there are not too many of its kind, and of its caller's.
    GoOn(Arc<Places>, Option<Principal>),
}

/// What comes from a handler.
pub(super) enum Said {
    /// Events that come before the answer.
    Words(Vec<u8>),
    Answer(Answer),
    /// There is nothing more.
    End,
}

/// The end of a request.
pub(super) struct Answer {
    /// The last events before it.
    pub(super) said: Vec<u8>,
    pub(super) line: Vec<u8>,
    pub(super) status: StatusCode,
}

impl Running {
    pub(super) fn new(
        work: impl Future<Output = Outcome> + Send + 'static,
        id: RequestId,
        feed: Option<Arc<Feed>>,
        parting: Parting,
    ) -> Self {
        Self {
            work: Some(Box::pin(work)),
            feed,
            id,
            parting,
        }
    }

    fn answer(&self, said: Vec<u8>, outcome: Outcome) -> Answer {
        let cancelled = || Err(ErrorData::internal_error("the request was cancelled", None));
        let (line, status) = match outcome.unwrap_or_else(cancelled) {
            Ok(line) => (line, StatusCode::OK),
            Err(error) => {
                let modern = matches!(self.parting, Parting::Cancel(_));
                let status = status_of_answer(error.code, modern);
                (reply::error(Some(&self.id), &error), status)
            }
        };
        Answer { said, line, status }
    }
}

impl Source for Running {
    /// Runs the handler until it says something.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        let Some(work) = &mut self.work else {
            return Poll::Pending;
        };
        match (work.as_mut().poll(cx), &self.feed) {
            (Poll::Ready(outcome), feed) => {
                let said = feed.as_ref().map(|feed| feed.close()).unwrap_or_default();
                self.work = None;
                Poll::Ready(Said::Answer(self.answer(said, outcome)))
            }
            (Poll::Pending, Some(feed)) => feed.poll_take(cx).map(Said::Words),
            (Poll::Pending, None) => Poll::Pending,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else {
            return;
        };
        if let Some(feed) = &self.feed {
            feed.close();
        }
        match &self.parting {
            Parting::Cancel(token) => {
                tracing::debug!(id = %self.id, "the client is gone: its request is taken back");
                token.cancel();
                // What a handler holds may panic when it is dropped, which must not take the connection with it.
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(work))) {
                    tracing::error!(
                        panic = message(&*panic),
                        "a handler panicked while it was dropped"
                    );
                }
            }
            Parting::GoOn(places, principal) => {
                let room = places.take(room::owner(principal.as_ref()));
                if let (Ok(room), Ok(runtime)) = (room, Handle::try_current()) {
                    runtime.spawn(work.map(|_| drop(room)));
                }
            }
        }
    }
}
