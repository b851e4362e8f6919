//! What a POST asks for: reads the message, finds the revision, and holds the headers against it.

use std::sync::Arc;

use http::{StatusCode, request::Parts};
use rmcp::model::{ErrorData, ProtocolVersion, RequestMetaObject};

use super::{
    super::{
        envelope::{Message, Request},
        session::{Listening, Session, Step, Visitor, Work, missing},
    },
    headers::Headers,
    refused::Refused,
};
use crate::{Principal, Service, context::Caller, refusal};

/// The revision of a request that does not say: the oldest that is served unless the server says otherwise.
const ASSUMED: ProtocolVersion = ProtocolVersion::V_2025_06_18;

/// The methods that open a session, or keep one: none of them is left since 2026-07-28.
const REMOVED: [&str; 2] = ["initialize", "ping"];

/// The methods that ask for something to be told later, to which there is no way without a session.
const NEEDS_SESSION: [&str; 2] = ["resources/subscribe", "resources/unsubscribe"];

/// What a message asks for.
#[derive(Debug)]
pub(super) enum Asked {
    /// Nothing: it is taken note of.
    Nothing,
    /// It is answered already.
    Answered(Vec<u8>),
    /// It is answered already, and has opened a session.
    Opened(Vec<u8>, Box<Session>),
    /// A handler has to run.
    Call(Arc<Caller>, Work),
    /// The client wants to hear of changes; it is told first what it will hear.
    Listen(Vec<u8>, Listening),
}

/// Reads a message.
pub(super) fn read(
    service: &Service,
    parts: &Arc<Parts>,
    message: &[u8],
) -> Result<Asked, Refused> {
    let headers = Headers::read(&parts.headers);
    match Message::read(text(message))? {
        Message::Request(mut request) => asked(service, parts, headers, &mut request),
        Message::Notification { method, .. } => {
            headers?.version(service)?;
            tracing::debug!(%method, "a notification");
            Ok(Asked::Nothing)
        }
        Message::Response(_) => {
            let problem = "this is an answer, and nothing was asked";
            Err(Refused::new(StatusCode::BAD_REQUEST, problem))
        }
    }
}

/// A message without the mark that some programs put before UTF-8.
pub(super) fn text(message: &[u8]) -> &[u8] {
    message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message)
}

fn asked(
    service: &Service,
    parts: &Arc<Parts>,
    headers: Result<Headers<'_>, ErrorData>,
    request: &mut Request<'_>,
) -> Result<Asked, Refused> {
    let headers = headers.map_err(|error| Refused::modern(request.id.clone(), error))?;
    // A revision that is not known is refused when it has been held against the body.
    let version = headers.version(service).ok().flatten();
    match version {
        Some(version) if !version.has_initialize() => {
            let mut session = Session::modern();
            session.asked_by(visitor(service, parts));
            let asked = modern(service, session, headers, request);
            asked.map_err(|error| Refused::modern(request.id.clone(), error))
        }
        version => {
            let asked = legacy(service, visitor(service, parts), headers, version, request);
            asked.map_err(|error| Refused::legacy(request.id.clone(), error))
        }
    }
}

/// Who asks. What of the request only guards look at is left out where there are none: a call gets all of it later.
pub(super) fn visitor(service: &Service, parts: &Arc<Parts>) -> Visitor {
    Visitor {
        principal: parts.extensions.get::<Principal>().cloned(),
        parts: service.is_guarded().then(|| Arc::clone(parts)),
    }
}

fn modern(
    service: &Service,
    mut session: Session,
    headers: Headers<'_>,
    request: &mut Request<'_>,
) -> Result<Asked, ErrorData> {
    let method = &*request.method.clone();
    let step = session.request_if(service, request, |meta| {
        headers.agree_on_version(service, meta)?;
        headers.agree_on_method(method)?;
        if !REMOVED.contains(&method) {
            return Ok(());
        }
        let told = meta.contains_key(RequestMetaObject::DRAFT_REQUIRED_KEYS[0]);
        Err(if told {
            refusal::method(method)
        } else {
            missing(meta)
        })
    })?;
    Ok(match step {
        Step::Answered(line) if session.listening.streams() > 0 => {
            Asked::Listen(line, session.listening)
        }
        Step::Answered(line) => Asked::Answered(line),
        Step::Call(caller, work) => {
            agree(service, headers, &caller, &work)?;
            Asked::Call(caller, work)
        }
    })
}

/// Refuses a call that is another one in the headers.
fn agree(
    service: &Service,
    headers: Headers<'_>,
    caller: &Caller,
    work: &Work,
) -> Result<(), ErrorData> {
    let registry = service.registry();
    let view = service.view(&registry, caller);
    let tool = match work {
        Work::Tool { name, .. } => view.tool(name),
        _ => None,
    };
    let parameters = tool.map(|tool| &*tool.headers).unwrap_or_default();
    headers.agree_on_call(work, parameters)
}

fn legacy(
    service: &Service,
    visitor: Visitor,
    headers: Headers<'_>,
    version: Option<ProtocolVersion>,
    request: &mut Request<'_>,
) -> Result<Asked, ErrorData> {
    if NEEDS_SESSION.contains(&&*request.method) {
        let problem = "this needs a session: without one there is no way to tell the client";
        return Err(ErrorData::invalid_request(problem, None));
    }
    let opens = request.method == "initialize";
    let mut session = if opens {
        Session::default()
    } else {
        Session::assumed(version.unwrap_or(ASSUMED))
    };
    session.asked_by(visitor);
    let step = session.request_if(service, request, |meta| {
        headers.agree_on_version(service, meta)
    })?;
    Ok(match step {
        Step::Answered(line) if opens => Asked::Opened(line, Box::new(session)),
        Step::Answered(line) => Asked::Answered(line),
        Step::Call(caller, work) => Asked::Call(caller, work),
    })
}
