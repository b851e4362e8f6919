//! One session.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::Waker,
    time::Duration,
};

use http::{StatusCode, request::Parts};
use rmcp::model::{ProtocolVersion, RequestId};
use serde_json::value::RawValue;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    super::{
        super::{
            desk::{cancelled, in_use},
            envelope::{Request, Response},
            questions::Questions,
            session::{self, Step, Visitor, Work},
        },
        headers::Headers,
        refused::Refused,
    },
    id::Id,
    kept::{Errand, Kept},
    unknown,
};
use crate::{
    Principal, Service,
    context::{Back, Caller, Inquiry, Ticket},
};

/// How many calls of a session may run at a time.
const MAX_RUNNING: usize = 1024;

/// A session: what lasts from `initialize` on.
pub(in super::super) struct Session {
    id: Id,
    /// The identity of the principal that has opened it: nobody else may use it.
    owner: Option<Arc<str>>,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) session: session::Session,
    /// The requests that are to be answered.
    pub(super) open: HashMap<RequestId, (u64, CancellationToken)>,
    /// How many calls run, also those that were taken back.
    pub(super) running: usize,
    pub(super) questions: Questions,
    /// The number of the last call or stream.
    pub(super) serial: u64,
    /// The streams that can be read again, by their numbers.
    pub(super) streams: BTreeMap<u64, Kept>,
    /// The streams of everything that belongs to no request. The last one is told.
    pub(super) hearers: Vec<(u64, Waker)>,
    /// How many do something that keeps the session from being idle.
    pub(super) busy: usize,
    pub(super) used: Instant,
    /// The client has come back after `initialize`.
    pub(super) confirmed: bool,
    pub(super) ended: bool,
}

/// What a request of a session comes to.
pub(super) enum Asked {
    Answered(Vec<u8>),
    Run(Arc<Caller>, Work, Call),
}

impl Session {
    pub(super) fn new(id: Id, owner: Option<&Principal>, session: session::Session) -> Self {
        Self {
            id,
            owner: owner.map(|owner| owner.identity().into()),
            state: Mutex::new(State {
                session,
                open: HashMap::new(),
                running: 0,
                questions: Questions::default(),
                serial: 0,
                streams: BTreeMap::new(),
                hearers: Vec::new(),
                busy: 0,
                used: Instant::now(),
                confirmed: false,
                ended: false,
            }),
        }
    }

    pub(super) fn id(&self) -> &Id {
        &self.id
    }

    pub(super) fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    pub(super) fn owned(&self) -> Option<Arc<str>> {
        self.owner.clone()
    }

    pub(super) fn version(&self) -> Option<ProtocolVersion> {
        self.state().session.version().cloned()
    }

    pub(super) fn is_confirmed(&self) -> bool {
        self.state().confirmed
    }

    pub(super) fn is_idle(&self, limit: Duration, now: Instant) -> bool {
        let state = self.state();
        state.busy == 0 && now.saturating_duration_since(state.used) >= limit
    }

    /// Refuses a request that says that it is of another revision.
    pub(super) fn agree(&self, parts: &Parts) -> Result<(), Refused> {
        let headers = Headers::read(&parts.headers)?.in_session();
        match (headers.told(), self.version()) {
            (Some(told), Some(agreed)) if told != agreed.as_str() => {
                let problem =
                    format!("the session is one of {agreed}, the request is of another revision");
                Err(Refused::new(StatusCode::BAD_REQUEST, problem))
            }
            _ => Ok(()),
        }
    }

    /// Whether anything but one stream keeps the session from being idle.
    #[cfg(feature = "sse")]
    pub(super) fn is_busy_beside_this(&self) -> bool {
        let state = self.state();
        !state.ended && state.busy > 1
    }

    /// Reads a request.
    pub(super) fn request(
        self: &Arc<Self>,
        service: &Service,
        visitor: Visitor,
        headers: Headers<'_>,
        request: &mut Request<'_>,
    ) -> Result<Asked, Refused> {
        let mut state = self.using()?;
        if state.open.contains_key(&request.id) {
            return Err(Refused::from(in_use(&request.id)));
        }
        state.session.asked_by(visitor);
        let step = state.session.request_if(service, request, |meta| {
            headers.agree_on_version(service, meta)
        });
        state.forget_lost();
        let id = &request.id;
        match step.map_err(|error| Refused::legacy(id.clone(), error))? {
            Step::Answered(line) => Ok(Asked::Answered(line)),
            Step::Call(..) if state.running >= MAX_RUNNING => {
                let problem = "too many calls of this session run";
                Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, problem))
            }
            Step::Call(caller, work) => {
                state.running += 1;
                let serial = state.next();
                let open = (serial, caller.cancel.token().clone());
                state.open.insert(id.clone(), open);
                drop(state);
                let stay = self.stay();
                let id = id.clone();
                let ticket = Ticket { id, serial };
                let errand = Arc::new(Errand::new(&work));
                let call = Call {
                    stay,
                    ticket,
                    errand,
                };
                Ok(Asked::Run(caller, work, call))
            }
        }
    }

    /// Reads a notification.
    pub(super) fn notification(
        &self,
        method: &str,
        params: Option<&RawValue>,
    ) -> Result<(), Refused> {
        let mut state = self.using()?;
        match method {
            "notifications/initialized" => state.session.listening.begin_session(),
            "notifications/cancelled" => {
                let taken = cancelled(params).and_then(|(id, _)| state.open.remove(&id));
                drop(state);
                match taken {
                    Some((_, cancel)) => cancel.cancel(),
                    None => tracing::debug!("a cancellation that names no request in flight"),
                }
            }
            _ => tracing::debug!(method, "a notification"),
        }
        Ok(())
    }

    /// Reads an answer to a question.
    pub(super) fn answer(&self, response: Response<'_>) -> Result<(), Refused> {
        self.using()?.questions.answer(response);
        Ok(())
    }

    /// Ends everything.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        state.questions.close();
        state.streams.clear();
        let calls: Vec<_> = state.open.drain().collect();
        let hearers: Vec<_> = state.hearers.drain(..).collect();
        drop(state);
        for (_, (_, cancel)) in calls {
            cancel.cancel();
        }
        for (_, waker) in hearers {
            waker.wake();
        }
    }

    /// Keeps the session from being idle.
    pub(super) fn stay(self: &Arc<Self>) -> Stay {
        self.state().busy += 1;
        Stay(Arc::clone(self))
    }

    /// The state, for a request of the client.
    pub(super) fn using(&self) -> Result<MutexGuard<'_, State>, Refused> {
        let mut state = self.state();
        if state.ended {
            return Err(unknown());
        }
        state.used = Instant::now();
        state.confirmed = true;
        Ok(state)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(super) fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Notes that a request is not to be answered any more. Returns whether it was until now.
    fn close(&mut self, Ticket { id, serial }: &Ticket) -> bool {
        // It may have been taken back, and the id used again.
        let is_open = self.open.get(id).is_some_and(|(open, _)| open == serial);
        if is_open {
            self.open.remove(id);
        }
        is_open
    }
}

/// Keeps a session from being idle.
#[derive(Debug)]
pub(super) struct Stay(pub(super) Arc<Session>);

impl Drop for Stay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.busy -= 1;
        state.used = Instant::now();
    }
}

/// A call that runs.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) stay: Stay,
    pub(super) ticket: Ticket,
    pub(super) errand: Arc<Errand>,
}

impl Call {
    /// The line that answers, unless the call was taken back: nothing is said about such a one, even if the handler has come to
    /// an end. From here on it cannot be taken back any more.
    pub(super) fn settle(&self, line: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let is_wanted = self.stay.0.state().close(&self.ticket);
        line.filter(|_| is_wanted)
    }

    /// The way of its questions.
    pub(super) fn back(&self) -> Box<dyn Back> {
        Box::new(WayBack {
            session: Arc::downgrade(&self.stay.0),
            ticket: self.ticket.clone(),
        })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut state = self.stay.0.state();
        state.running -= 1;
        state.close(&self.ticket);
        state
            .questions
            .withdraw(&self.ticket, false, &mut Vec::new());
        state.trim();
    }
}

/// The way of the questions of a call.
#[derive(Debug)]
struct WayBack {
    session: Weak<Session>,
    ticket: Ticket,
}

impl Back for WayBack {
    fn ask(&self, inquiry: Inquiry) -> Vec<u8> {
        let mut line = Vec::new();
        if let Some(session) = self.session.upgrade() {
            let mut state = session.state();
            state.questions.ask(&self.ticket, inquiry, &mut line);
        }
        line
    }

    fn withdraw(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        if let Some(session) = self.session.upgrade() {
            let mut state = session.state();
            state.questions.withdraw(&self.ticket, true, &mut lines);
        }
        lines
    }
}

/// What is in it is not for logs.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_session_is_small_and_shows_nothing() {
        assert!(size_of::<Session>() <= 768, "{}", size_of::<Session>());
        let Ok(id) = Id::random() else {
            panic!("there is no randomness");
        };
        let owner = Principal::new("alice");
        let session = Session::new(id, Some(&owner), session::Session::default());
        let shown = format!("{session:?}");
        assert!(
            !shown.contains(&id.text()) && !shown.contains("alice"),
            "{shown}"
        );
    }
}
