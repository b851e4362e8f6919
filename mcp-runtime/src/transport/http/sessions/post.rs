//! POST in a session.

use std::sync::Arc;

use http::{Response, StatusCode, request::Parts};

use super::{
    super::{
        super::{envelope::Message, session},
        HttpBody,
        exchange::{answered, prepare},
        front::Accepts,
        headers::Headers,
        message::{text, visitor},
        refused::Refused,
        rules::Rules,
    },
    SESSION, Sessions,
    calls::Running,
    one::{Asked, Session},
};
use crate::{
    Service,
    context::{Feed, Sink},
};

/// Answers a message.
pub(in super::super) async fn post(
    service: &Service,
    rules: &Rules,
    session: &Arc<Session>,
    (parts, accepts): (Arc<Parts>, Accepts),
    message: &[u8],
) -> Result<Response<HttpBody>, Refused> {
    session.agree(&parts)?;
    let asked = match Message::read(text(message))? {
        Message::Request(mut request) => {
            let headers = Headers::read(&parts.headers)?.in_session();
            session.request(service, visitor(service, &parts), headers, &mut request)?
        }
        Message::Notification { method, params } => {
            session.notification(&method, params)?;
            return Ok(HttpBody::empty(StatusCode::ACCEPTED));
        }
        Message::Response(response) => {
            session.answer(response)?;
            return Ok(HttpBody::empty(StatusCode::ACCEPTED));
        }
    };
    let (caller, work, call) = match asked {
        Asked::Answered(line) => return Ok(answered(line, accepts)),
        Asked::Run(caller, work, call) => (caller, work, call),
    };
    #[cfg(feature = "auth")]
    super::super::guarded::check_scopes(service, rules, &caller, &work)?;
    let (mut caller, accepts) = prepare(caller, parts, rules, accepts);
    let version = caller.version.clone();
    let feed = accepts
        .events
        .then(|| Arc::new(Feed::of_stream(call.ticket.serial, Some(call.back()))));
    if let Some(feed) = &feed {
        caller.unshared().sink = Sink::Feed(Arc::clone(feed));
    }
    let job = rules.stand.watch(work.run(service.clone(), caller));
    let running = Running::new(job, call, feed, Arc::clone(&rules.room.abandoned));
    Ok(running.respond(&version, accepts, rules.keep_alive).await)
}

/// Answers an `initialize` that has agreed on something.
pub(in super::super) fn open(
    sessions: &Arc<Sessions>,
    session: session::Session,
    parts: &Parts,
    mut response: Response<HttpBody>,
) -> Result<Response<HttpBody>, Refused> {
    let session = sessions.add(session, parts.extensions.get())?;
    if let Some(id) = session.id().header() {
        response.headers_mut().insert(SESSION, id);
    }
    Ok(response)
}
