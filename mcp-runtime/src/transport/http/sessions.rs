//! The sessions of an endpoint, for revisions up to 2025-11-25.
//!
//! `one` is a session: what it has agreed on, its requests in flight, its questions, and `kept` are its streams. `calls` runs its calls,
//! `hearing` is its stream of everything that belongs to no request, `post` reads what comes in it. An idle session is a few
//! hundred bytes without a task of its own: one task sweeps all that nobody has used for long.

mod calls;
mod hearing;
mod id;
mod kept;
mod one;
mod post;
mod settings;
#[cfg(feature = "sse")]
mod sse;

#[cfg(feature = "sse")]
pub(super) use self::sse::Sse;
pub(super) use self::{
    post::{open, post},
    settings::{SessionLimits, Settings},
};

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderName, Method, Response, StatusCode, request::Parts};
use tokio::time::{Instant, sleep};

use self::{id::Id, one::Session};
use super::{super::session, body::HttpBody, headers::Headers, refused::Refused, rules::Rules};
use crate::{Principal, Service};

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// How long a session may go unused after `initialize`: a client that means it comes back at once.
const UNCONFIRMED: Duration = Duration::from_secs(60);

/// The longest time between two sweeps.
const SWEEP: Duration = Duration::from_secs(30);

/// Answers a request without a message: one for a stream, or for the end of a session.
pub(super) fn visit(
    service: &Service,
    rules: &Rules,
    sessions: &Sessions,
    parts: &Arc<Parts>,
) -> Result<Response<HttpBody>, Refused> {
    let Some(session) = sessions.find(service, parts)? else {
        let problem = "a message is sent with POST, and everything else in a session";
        return Err(Refused::new(StatusCode::METHOD_NOT_ALLOWED, problem));
    };
    session.agree(parts)?;
    if parts.method == Method::GET {
        return hearing::hear(service, rules, &session, parts);
    }
    sessions.end(&session);
    Ok(HttpBody::empty(StatusCode::NO_CONTENT))
}

/// All sessions of an endpoint.
pub(super) struct Sessions {
    limits: SessionLimits,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    sessions: HashMap<Id, Arc<Session>>,
    /// How many of them each principal has, by its identity.
    owned: HashMap<Arc<str>, usize>,
    /// A task sweeps.
    is_swept: bool,
}

impl Sessions {
    pub(super) fn new(limits: SessionLimits) -> Self {
        Self {
            limits,
            table: Mutex::default(),
        }
    }

    /// The session that a request names, if it names one. Since 2026-07-28 the name means nothing.
    ///
    /// One that does not exist, has ended or is that of somebody else cannot be told apart.
    pub(super) fn find(
        &self,
        service: &Service,
        parts: &Parts,
    ) -> Result<Option<Arc<Session>>, Refused> {
        let Some(id) = named(&parts.headers)? else {
            return Ok(None);
        };
        let version = Headers::read(&parts.headers)?.version(service);
        match version {
            Ok(Some(version)) if !version.has_initialize() => Ok(None),
            _ => self.of(id, parts).map(Some),
        }
    }

    /// The session with this id, if it is that of whoever asks.
    pub(super) fn of(&self, id: &[u8], parts: &Parts) -> Result<Arc<Session>, Refused> {
        let id = Id::read(id);
        let session = id.and_then(|id| self.table().sessions.get(&id).cloned());
        let asks = parts.extensions.get().map(Principal::identity);
        let session = session.filter(|session| session.owner() == asks.as_deref());
        let limits = &self.limits;
        match session {
            Some(session) if session.is_idle(limits.idle(&session), Instant::now()) => {
                self.end(&session);
                Err(unknown())
            }
            session => session.ok_or_else(unknown),
        }
    }

    /// Adds a session, if there is room for one.
    pub(super) fn add(
        self: &Arc<Self>,
        session: session::Session,
        owner: Option<&Principal>,
    ) -> Result<Arc<Session>, Refused> {
        let session = Arc::new(Session::new(Id::random()?, owner, session));
        if self.table().sessions.len() >= self.limits.most {
            self.sweep(Instant::now());
        }
        let mut table = self.table();
        if table.sessions.len() >= self.limits.most {
            return Err(full("too many sessions are open"));
        }
        if let Some(owner) = session.owned() {
            let count = table.owned.entry(owner).or_default();
            if *count >= self.limits.most_of_one {
                return Err(full("too many sessions of this principal are open"));
            }
            *count += 1;
        }
        table.sessions.insert(*session.id(), Arc::clone(&session));
        if !std::mem::replace(&mut table.is_swept, true) {
            drop(table);
            self.keep_sweeping();
        }
        Ok(session)
    }

    /// Ends a session: its calls are taken back, its streams end.
    pub(super) fn end(&self, session: &Session) {
        self.table().remove(session);
        session.end();
    }

    /// Sweeps from time to time, for as long as there are sessions.
    fn keep_sweeping(self: &Arc<Self>) {
        let sessions = Arc::downgrade(self);
        let idle = self.limits.idle.min(UNCONFIRMED);
        let pause = (idle / 2).clamp(Duration::from_millis(1), SWEEP);
        tokio::spawn(async move {
            loop {
                sleep(pause).await;
                let Some(sessions) = sessions.upgrade() else {
                    return;
                };
                sessions.sweep(Instant::now());
                let mut table = sessions.table();
                if table.sessions.is_empty() {
                    table.is_swept = false;
                    *table = Table::default();
                    return;
                }
            }
        });
    }

    /// Ends the sessions that nobody has used for long, and forgets what nobody will read again.
    fn sweep(&self, now: Instant) {
        let all: Vec<_> = self.table().sessions.values().cloned().collect();
        for session in all {
            if session.is_idle(self.limits.idle(&session), now) {
                self.end(&session);
            } else {
                session.forget(now);
            }
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionLimits {
    /// How long a session may be idle.
    fn idle(&self, session: &Session) -> Duration {
        if session.is_confirmed() {
            self.idle
        } else {
            self.idle.min(UNCONFIRMED)
        }
    }
}

impl Table {
    fn remove(&mut self, session: &Session) {
        if self.sessions.remove(session.id()).is_none() {
            return;
        }
        if let Some(owner) = session.owned()
            && let Some(count) = self.owned.get_mut(&owner)
        {
            *count -= 1;
            if *count == 0 {
                self.owned.remove(&owner);
            }
        }
    }
}

impl Drop for Sessions {
    fn drop(&mut self) {
        for session in self.table().sessions.values() {
            session.end();
        }
    }
}

/// The id that a request names, if it names one.
fn named(headers: &HeaderMap) -> Result<Option<&[u8]>, Refused> {
    let mut values = headers.get_all(SESSION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(id), None) => Ok(Some(id.as_bytes())),
        (Some(_), Some(_)) => {
            let problem = format!("the header `{SESSION}` stands twice");
            Err(Refused::new(StatusCode::BAD_REQUEST, problem))
        }
    }
}

fn unknown() -> Refused {
    let problem = "there is no such session: send `initialize` for another one";
    Refused::new(StatusCode::NOT_FOUND, problem)
}

fn full(problem: &str) -> Refused {
    Refused::new(StatusCode::SERVICE_UNAVAILABLE, problem)
}

/// What is in it is not for logs.
impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
