//! The HTTP transport of 2024-11-05: a GET opens a stream that lasts as long as the session, messages are sent with POST to
//! another path, and everything comes back on the stream.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Method, Response, StatusCode, request::Parts};
use http_body::Body;
use tokio::time::timeout;

use super::{
    super::{
        super::{envelope::Message, session},
        body::{self, HttpBody},
        exchange::prepare,
        expiry::Expiry,
        front::{self, Accepts},
        headers::Headers,
        message::{text, visitor},
        refused::Refused,
        room::{self, Place},
        rules::Rules,
        running::Said,
        sse::{self, Source},
    },
    Sessions,
    calls::Running,
    full,
    kept::Of,
    one::{Asked, Session, Stay},
    unknown,
};
use crate::{
    Service,
    context::{Feed, Sink},
};

/// The number of the stream under which a session keeps it: others begin with 1.
const STREAM: u64 = 0;

/// The paths of this transport, and its sessions.
#[derive(Debug)]
pub(in super::super) struct Sse {
    pub(super) stream: String,
    pub(super) messages: String,
    pub(super) sessions: Arc<Sessions>,
}

impl Sse {
    /// Whether a path is one of this transport.
    pub(in super::super) fn is_at(&self, path: &str) -> bool {
        path == self.stream || path == self.messages
    }

    /// Answers a request to one of its paths.
    pub(in super::super) async fn answer<B: Body>(
        &self,
        service: &Service,
        rules: &Rules,
        parts: Arc<Parts>,
        body: B,
    ) -> Result<Response<HttpBody>, Refused> {
        if parts.method == Method::GET && parts.uri.path() == self.stream {
            front::admit_without_body(&parts, rules)?;
            return self.open(service, rules, &parts);
        }
        front::admit(&parts, rules)?;
        // Clients that know both transports try this with a POST first.
        if parts.uri.path() != self.messages {
            let problem = "the stream is opened with GET";
            return Err(Refused::new(StatusCode::METHOD_NOT_ALLOWED, problem));
        }
        let id = session_id(&parts).ok_or_else(unknown)?;
        let session = self.sessions.of(id.as_bytes(), &parts)?;
        session.agree(&parts)?;
        let line = session.stream(STREAM).ok_or_else(unknown)?.feed;
        let message = body::read(body, rules.max_body_bytes, rules.body_timeout).await?;
        take(service, rules, (&session, line), parts, text(&message)).await?;
        Ok(HttpBody::empty(StatusCode::ACCEPTED))
    }

    fn open(
        &self,
        service: &Service,
        rules: &Rules,
        parts: &Parts,
    ) -> Result<Response<HttpBody>, Refused> {
        let room = rules.room.listen(room::owner(parts.extensions.get()))?;
        let session = session::Session::default();
        let session = self.sessions.add(session, parts.extensions.get())?;
        let feed = Arc::<Feed>::default();
        session.keep(STREAM, &feed, Of::Session);
        let id = session.id().text();
        let said = format!(
            "event: endpoint\ndata: {}?sessionId={id}\n\n",
            self.messages
        );
        let place = session.listen(service)?;
        let line = Line {
            service: service.clone(),
            sessions: Arc::clone(&self.sessions),
            expiry: Expiry::of(parts),
            stay: session.stay(),
            feed,
            place,
            room,
        };
        Ok(sse::response(said.into_bytes(), line, rules.keep_alive))
    }
}

/// The session that the query names.
fn session_id(parts: &Parts) -> Option<&str> {
    let mut pairs = parts.uri.query()?.split('&');
    pairs.find_map(|pair| pair.strip_prefix("sessionId="))
}

/// Takes a message. What there is to say to it is said on the stream.
async fn take(
    service: &Service,
    rules: &Rules,
    (session, line): (&Arc<Session>, Arc<Feed>),
    parts: Arc<Parts>,
    message: &[u8],
) -> Result<(), Refused> {
    let asked = match Message::read(message)? {
        Message::Notification { method, params } => return session.notification(&method, params),
        Message::Response(response) => return session.answer(response),
        Message::Request(mut request) => {
            let headers = Headers::read(&parts.headers)?;
            has_room(&line, rules.body_timeout).await?;
            session.request(service, visitor(service, &parts), headers, &mut request)
        }
    };
    let mut said = Vec::new();
    match asked {
        Err(refused) => sse::event(&mut said, &refused.line()),
        Ok(Asked::Answered(answer)) => sse::event(&mut said, &answer),
        Ok(Asked::Run(caller, work, call)) => {
            #[cfg(feature = "auth")]
            super::super::guarded::check_scopes(service, rules, &caller, &work)?;
            let accepts = Accepts {
                json: false,
                events: true,
            };
            let (mut caller, _) = prepare(caller, parts, rules, accepts);
            let feed = Arc::new(Feed::of_stream(call.ticket.serial, Some(call.back())));
            caller.unshared().sink = Sink::Feed(Arc::clone(&feed));
            let job = rules.stand.watch(work.run(service.clone(), caller));
            let room = Arc::clone(&rules.room.abandoned);
            let running = Running::new(job, call, Some(feed), room);
            tokio::spawn(run(running, line, session.stay()));
            return Ok(());
        }
    }
    line.append(&said);
    Ok(())
}

/// Waits until the client has read enough for there to be room for one more answer. With no room nothing is taken: many answers
/// are there at once, and each of them would be kept until it is read.
async fn has_room(line: &Feed, limit: Duration) -> Result<(), Refused> {
    let room = timeout(limit, line.room()).await;
    room.map_err(|_| full("too much on the stream has not been read"))
}

/// Runs a call, and says on the stream what it says.
async fn run(mut running: Running, line: Arc<Feed>, stay: Stay) {
    while let Said::Words(said) = poll_fn(|cx| running.poll(cx)).await {
        line.room().await;
        line.append(&said);
    }
    drop((running, stay));
    // The stream may have waited for this call to end.
    line.append(&[]);
}

/// The stream of a session: with it the session ends.
struct Line {
    service: Service,
    sessions: Arc<Sessions>,
    /// Until when it counts who has opened it.
    expiry: Expiry,
    stay: Stay,
    feed: Arc<Feed>,
    place: u64,
    #[expect(dead_code, reason = "it is given back when this is dropped")]
    room: Place,
}

impl Source for Line {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        if let Poll::Ready(said) = self.feed.poll_take(cx) {
            return Poll::Ready(Said::Words(said));
        }
        let session = &self.stay.0;
        if self.expiry.is_over(cx) {
            return if session.is_busy_beside_this() {
                Poll::Pending
            } else {
                Poll::Ready(Said::End)
            };
        }
        match session.poll_heard(self.place, &self.service, cx) {
            Poll::Ready(Some(line)) => {
                let mut said = Vec::new();
                sse::event(&mut said, &line);
                Poll::Ready(Said::Words(said))
            }
            // At the end of the server, calls are finished.
            Poll::Ready(None) if session.is_busy_beside_this() => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(Said::End),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.feed.close();
        self.sessions.end(&self.stay.0);
    }
}
