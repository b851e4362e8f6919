//! One POST: runs what it asks for inside of the request.
//!
//! No task and no channel is made for it. A handler that answers without a word before is answered as JSON; as soon as it
//! says something, or is silent for a second, the response becomes a stream of events, and whoever reads that runs the
//! handler.

use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll, time::Duration};

use http::{Method, Response, StatusCode, request::Parts};
use http_body::Body;
use rmcp::model::RequestId;
use tokio::time::{Sleep, sleep};

#[cfg(feature = "auth")]
use super::guarded;
use super::{
    super::session::{Listening, Work},
    body::{self, HttpBody},
    changes::Changes,
    expiry::Expiry,
    front::{self, Accepts},
    message::{self, Asked},
    refused::Refused,
    room::{self, Place},
    rules::Rules,
    running::{Parting, Running, Said},
    sessions,
    sse::{self, Source as _},
};
use crate::{
    Service,
    context::{Caller, Feed, Sink},
};

/// How long a handler may be silent before the client is told that there will be an answer.
pub(super) const SILENCE: Duration = Duration::from_secs(1);

/// Answers one request.
pub(super) async fn answer<B: Body>(
    service: &Service,
    rules: &Rules,
    parts: Arc<Parts>,
    body: B,
) -> Result<Response<HttpBody>, Refused> {
    #[cfg(feature = "sse")]
    if let Some(sse) = &rules.sse
        && sse.is_at(parts.uri.path())
    {
        return sse.answer(service, rules, parts, body).await;
    }
    match (&rules.sessions, &parts.method) {
        (Some(sessions), &Method::GET | &Method::DELETE) => {
            front::admit_without_body(&parts, rules)?;
            sessions::visit(service, rules, sessions, &parts)
        }
        _ => post(service, rules, parts, body).await,
    }
}

async fn post<B: Body>(
    service: &Service,
    rules: &Rules,
    parts: Arc<Parts>,
    body: B,
) -> Result<Response<HttpBody>, Refused> {
    let accepts = front::admit(&parts, rules)?;

    let session = match &rules.sessions {
        Some(sessions) => sessions.find(service, &parts)?,
        None => None,
    };
    let message = body::read(body, rules.max_body_bytes, rules.body_timeout).await?;
    if let Some(session) = session {
        return sessions::post(service, rules, &session, (parts, accepts), &message).await;
    }
    let asked = message::read(service, &parts, &message)?;
    drop(message);
    match asked {
        Asked::Nothing => Ok(HttpBody::empty(StatusCode::ACCEPTED)),
        Asked::Answered(line) => Ok(answered(line, accepts)),
        Asked::Opened(line, session) => match &rules.sessions {
            Some(sessions) => sessions::open(sessions, *session, &parts, answered(line, accepts)),
            None => Ok(answered(line, accepts)),
        },
        Asked::Call(caller, work) => {
            #[cfg(feature = "auth")]
            guarded::check_scopes(service, rules, &caller, &work)?;
            let (running, accepts) = start(service, rules, parts, accepts, caller, work);
            Ok(respond(running, accepts, rules.keep_alive).await)
        }
        Asked::Listen(line, listening) => {
            let room = || rules.room.listen(room::owner(parts.extensions.get()));
            let expiry = Expiry::of(&parts);
            listen(service, rules, accepts, &line, (listening, expiry), room)
        }
    }
}

/// The response to a request that is answered already.
pub(super) fn answered(line: Vec<u8>, accepts: Accepts) -> Response<HttpBody> {
    if accepts.json {
        HttpBody::json(StatusCode::OK, line)
    } else {
        sse::whole(Vec::new(), &line)
    }
}

/// Has the handler see the request, and whatever middleware has found out about it; and finds out how it can be answered.
pub(super) fn prepare(
    mut caller: Arc<Caller>,
    parts: Arc<Parts>,
    rules: &Rules,
    accepts: Accepts,
) -> (Arc<Caller>, Accepts) {
    let accepts = Accepts {
        events: accepts.events && !(rules.json_only && accepts.json),
        ..accepts
    };
    caller.unshared().parts = Some(parts);
    (caller, accepts)
}

/// Makes a handler ready to run.
fn start(
    service: &Service,
    rules: &Rules,
    parts: Arc<Parts>,
    accepts: Accepts,
    caller: Arc<Caller>,
    work: Work,
) -> (Running, Accepts) {
    let (mut caller, accepts) = prepare(caller, parts, rules, accepts);
    let feed = accepts.events.then(Arc::<Feed>::default);
    if let Some(feed) = &feed {
        caller.unshared().sink = Sink::Feed(Arc::clone(feed));
    }
    let parting = if caller.version.has_initialize() {
        Parting::GoOn(Arc::clone(&rules.room.abandoned), caller.principal.clone())
    } else {
        Parting::Cancel(caller.cancel.token().clone())
    };
    let id: RequestId = caller.id.clone();
    let work = rules.stand.watch(work.outcome(service.clone(), caller));
    (Running::new(work, id, feed, parting), accepts)
}

/// Runs a handler until it is known what the response looks like.
async fn respond(
    mut running: Running,
    accepts: Accepts,
    keep_alive: Duration,
) -> Response<HttpBody> {
    let mut silence: Option<Pin<Box<Sleep>>> = None;
    let said = poll_fn(|cx| {
        if let Poll::Ready(said) = running.poll(cx) {
            return Poll::Ready(Some(said));
        }
        if !accepts.events {
            return Poll::Pending;
        }
        let silence = silence.get_or_insert_with(|| Box::pin(sleep(SILENCE)));
        silence.as_mut().poll(cx).map(|()| None)
    });
    match said.await {
        Some(Said::Answer(answer)) if accepts.json && answer.said.is_empty() => {
            HttpBody::json(answer.status, answer.line)
        }
        Some(Said::Answer(answer)) => sse::whole(answer.said, &answer.line),
        Some(Said::Words(said)) => sse::response(said, running, keep_alive),
        Some(Said::End) | None => sse::response(sse::COMMENT.to_vec(), running, keep_alive),
    }
}

/// Tells a client of changes.
fn listen(
    service: &Service,
    rules: &Rules,
    accepts: Accepts,
    line: &[u8],
    (listening, expiry): (Listening, Expiry),
    room: impl FnOnce() -> Result<Place, Refused>,
) -> Result<Response<HttpBody>, Refused> {
    if !accepts.events {
        let problem = "changes are told as `text/event-stream`, which `Accept` must allow";
        return Err(Refused::new(StatusCode::NOT_ACCEPTABLE, problem));
    }
    let room = room()?;
    let mut said = Vec::new();
    sse::event(&mut said, line);
    let changes = Changes {
        service: service.clone(),
        listening,
        expiry,
        room,
    };
    Ok(sse::response(said, changes, rules.keep_alive))
}
