//! One POST: reads the message, holds the headers against it, and runs what it asks for inside of the request.
//!
//! No task and no channel is made for it. A handler that answers without a word before is answered as JSON; as soon as it
//! says something, or is silent for a second, the response becomes a stream of events, and whoever reads that runs the
//! handler.

use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll, time::Duration};

use http::{Response, StatusCode, request::Parts};
use http_body::Body;
use rmcp::model::{ErrorData, ProtocolVersion, RequestId, RequestMetaObject};
use tokio::time::{Sleep, sleep};

use super::{
    super::{
        envelope::{Message, Request},
        session::{Session, Step, Work, missing},
    },
    body::{self, HttpBody},
    front::{self, Accepts},
    headers::Headers,
    refused::Refused,
    rules::Rules,
    running::{Parting, Running, Said},
    sse,
};
use crate::{
    Principal, Service,
    context::{Caller, Feed, Sink},
    refusal,
};

/// How long a handler may be silent before the client is told that there will be an answer.
const SILENCE: Duration = Duration::from_secs(1);

/// The revision of a request that does not say: the oldest that is served.
const ASSUMED: ProtocolVersion = ProtocolVersion::V_2025_06_18;

/// The methods that open a session, or keep one: none of them is left since 2026-07-28.
const REMOVED: [&str; 2] = ["initialize", "ping"];

/// Answers one POST.
pub(super) async fn post<B: Body>(
    service: &Service,
    rules: &Rules,
    parts: Parts,
    body: B,
) -> Result<Response<HttpBody>, Refused> {
    let accepts = front::admit(&parts, rules)?;
    let message = body::read(body, rules.max_body_bytes, rules.body_timeout).await?;
    let asked = read(service, &parts, &message)?;
    drop(message);
    match asked {
        None => Ok(HttpBody::empty(StatusCode::ACCEPTED)),
        Some(Step::Answered(line)) if accepts.json => Ok(HttpBody::json(StatusCode::OK, line)),
        Some(Step::Answered(line)) => Ok(sse::whole(Vec::new(), &line)),
        Some(Step::Call(caller, work)) => {
            let (running, accepts) = start(service, rules, parts, accepts, caller, work);
            Ok(respond(running, accepts, rules.keep_alive).await)
        }
    }
}

/// Reads a message; `None` if nothing is to be done about it.
fn read(service: &Service, parts: &Parts, message: &[u8]) -> Result<Option<Step>, Refused> {
    let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    let headers = Headers::read(&parts.headers);
    match Message::read(message)? {
        Message::Request(request) => step(service, headers, &request).map(Some),
        Message::Notification { method, .. } => {
            headers?.version(service)?;
            tracing::debug!(%method, "a notification");
            Ok(None)
        }
        Message::Response(_) => {
            let problem = "this is an answer, and nothing was asked";
            Err(Refused::new(StatusCode::BAD_REQUEST, problem))
        }
    }
}

fn step(
    service: &Service,
    headers: Result<Headers<'_>, ErrorData>,
    request: &Request<'_>,
) -> Result<Step, Refused> {
    let id = &request.id;
    let headers = headers.map_err(|error| Refused::modern(id.clone(), error))?;
    // A revision that is not known is refused when it has been held against the body.
    let version = headers.version(service).ok().flatten();
    if version
        .as_ref()
        .is_some_and(|version| !version.has_initialize())
    {
        modern(service, headers, request).map_err(|error| Refused::modern(id.clone(), error))
    } else {
        legacy(service, headers, version, request)
            .map_err(|error| Refused::legacy(id.clone(), error))
    }
}

fn modern(
    service: &Service,
    headers: Headers<'_>,
    request: &Request<'_>,
) -> Result<Step, ErrorData> {
    let method = &*request.method;
    let step = Session::modern().request_if(service, request, |meta| {
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
    if let Step::Call(_, work) = &step {
        let registry = service.registry();
        let tool = match work {
            Work::Tool { name, .. } => registry.tool(name),
            _ => None,
        };
        let parameters = tool.map(|tool| &*tool.headers).unwrap_or_default();
        headers.agree_on_call(work, parameters)?;
    }
    Ok(step)
}

fn legacy(
    service: &Service,
    headers: Headers<'_>,
    version: Option<ProtocolVersion>,
    request: &Request<'_>,
) -> Result<Step, ErrorData> {
    let mut session = if request.method == "initialize" {
        Session::default()
    } else {
        Session::assumed(version.unwrap_or(ASSUMED))
    };
    session.request_if(service, request, |meta| headers.agree_on_version(service, meta))
}

/// Makes a handler ready to run: it sees the request, and whatever middleware has found out about it.
fn start(
    service: &Service,
    rules: &Rules,
    parts: Parts,
    accepts: Accepts,
    mut caller: Caller,
    work: Work,
) -> (Running, Accepts) {
    let accepts = Accepts {
        events: accepts.events && !(rules.json_only && accepts.json),
        ..accepts
    };
    let feed = accepts.events.then(Arc::<Feed>::default);
    if let Some(feed) = &feed {
        caller.sink = Sink::Feed(Arc::clone(feed));
    }
    if let Some(principal) = parts.extensions.get::<Principal>() {
        caller.principal = Some(principal.clone());
    }
    caller.extensions.insert(parts);
    let parting = if caller.version.has_initialize() {
        Parting::GoOn(Arc::clone(&rules.abandoned))
    } else {
        Parting::Cancel(caller.cancel.clone())
    };
    let id: RequestId = caller.id.clone();
    let work = work.outcome(service.clone(), caller);
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
        None => sse::response(sse::COMMENT.to_vec(), running, keep_alive),
    }
}
