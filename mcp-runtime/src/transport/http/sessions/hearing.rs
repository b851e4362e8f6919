//! GET in a session: the stream of everything that belongs to no request, and streams that are read again.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, HeaderName, Response, StatusCode, request::Parts};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    super::{
        body::HttpBody,
        refused::Refused,
        rules::Rules,
        running::Said,
        sse::{self, Source},
    },
    calls::{Reading, begin},
    kept::Kept,
    one::{Session, Stay},
};
use crate::{Service, context::Feed};

const LAST: HeaderName = HeaderName::from_static("last-event-id");

/// Answers a GET.
pub(super) fn hear(
    service: &Service,
    rules: &Rules,
    session: &Arc<Session>,
    parts: &Parts,
) -> Result<Response<HttpBody>, Refused> {
    let Some((stream, after)) = resumed(session, &parts.headers)? else {
        let hearing = Hearing::open(service, rules, session, None)?;
        let version = session.version();
        let said = version.map_or_else(Vec::new, |version| begin(&hearing.feed, &version));
        return Ok(sse::response(said, hearing, rules.keep_alive));
    };
    let Kept { feed, is_of_call } = stream;
    let reader = feed.resume(after).ok_or_else(forged)?;
    let said = sse::COMMENT.to_vec();
    if is_of_call {
        let stay = session.stay();
        let reading = Reading { feed, reader, stay };
        return Ok(sse::response(said, reading, rules.keep_alive));
    }
    let hearing = Hearing::open(service, rules, session, Some((feed, reader)))?;
    Ok(sse::response(said, hearing, rules.keep_alive))
}

/// The stream that a client comes back to, and the last event that it has seen of it.
fn resumed(session: &Session, headers: &HeaderMap) -> Result<Option<(Kept, u64)>, Refused> {
    let mut values = headers.get_all(LAST).iter();
    let (Some(id), further) = (values.next(), values.next()) else {
        return Ok(None);
    };
    let id = id.to_str().ok().filter(|_| further.is_none());
    let numbers = id.and_then(|id| id.split_once('-'));
    let stream = numbers.and_then(|(stream, event)| {
        let stream = session.stream(stream.parse().ok()?)?;
        Some((stream, event.parse().ok()?))
    });
    stream.map(Some).ok_or_else(forged)
}

fn forged() -> Refused {
    let problem = format!("`{LAST}` names no event of this session that is still known");
    Refused::new(StatusCode::BAD_REQUEST, problem)
}

/// The stream of everything that belongs to no request.
struct Hearing {
    service: Service,
    stay: Stay,
    /// What was told on this stream.
    feed: Arc<Feed>,
    reader: u64,
    /// Its place among those of its session.
    place: u64,
    #[expect(dead_code, reason = "it is given back when this is dropped")]
    room: OwnedSemaphorePermit,
}

impl Hearing {
    /// Opens a stream, or goes on with one.
    fn open(
        service: &Service,
        rules: &Rules,
        session: &Arc<Session>,
        resumed: Option<(Arc<Feed>, u64)>,
    ) -> Result<Self, Refused> {
        let room = rules.room.listen()?;
        let place = session.listen(service)?;
        let (feed, reader) = resumed.unwrap_or_else(|| {
            let feed = Arc::new(Feed::of_stream(place, None));
            session.keep(place, &feed, false);
            (feed, 0)
        });
        Ok(Self {
            service: service.clone(),
            stay: session.stay(),
            feed,
            reader,
            place,
            room,
        })
    }
}

impl Source for Hearing {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        loop {
            if let Poll::Ready(said) = self.feed.poll_read(self.reader, cx) {
                return Poll::Ready(said.into());
            }
            let session = &self.stay.0;
            let Some(line) = ready!(session.poll_heard(self.place, &self.service, cx)) else {
                return Poll::Ready(Said::End);
            };
            self.feed.write(line.trim_ascii_end());
        }
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.feed.leave(self.reader, true);
        self.stay.0.leave(self.place);
    }
}
