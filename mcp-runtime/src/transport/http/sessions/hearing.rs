//! GET in a session: the stream of everything that belongs to no request, and streams that are read again.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderName, Response, StatusCode, request::Parts};

use super::{
    super::{
        body::HttpBody,
        expiry::Expiry,
        message::visitor,
        refused::Refused,
        room::Place,
        rules::Rules,
        running::Said,
        sse::{self, Source},
    },
    calls::{Reading, begin},
    kept::{Kept, Of},
    one::{Session, Stay},
};
use crate::{Service, context::Feed};

const LAST: HeaderName = HeaderName::from_static("last-event-id");

/// Answers a GET.
pub(super) fn hear(
    service: &Service,
    rules: &Rules,
    session: &Arc<Session>,
    parts: &Arc<Parts>,
) -> Result<Response<HttpBody>, Refused> {
    session.visited_by(service, visitor(service, parts));
    let expiry = Expiry::of(parts);
    let Some((stream, after)) = resumed(service, session, parts)? else {
        let hearing = Hearing::open(service, rules, session, (None, expiry))?;
        let version = session.version();
        let said = version.map_or_else(Vec::new, |version| begin(&hearing.feed, &version));
        return Ok(sse::response(said, hearing, rules.keep_alive));
    };
    let Kept { feed, of } = stream;
    let reader = feed.resume(after).ok_or_else(forged)?;
    let said = sse::COMMENT.to_vec();
    if let Of::Call(_) = of {
        let stay = session.stay();
        let reading = Reading { feed, reader, stay };
        return Ok(sse::response(said, reading, rules.keep_alive));
    }
    let again = Some((feed, reader));
    let hearing = Hearing::open(service, rules, session, (again, expiry))?;
    Ok(sse::response(said, hearing, rules.keep_alive))
}

/// The stream that a client comes back to, and the last event that it has seen of it.
fn resumed(
    service: &Service,
    session: &Session,
    parts: &Arc<Parts>,
) -> Result<Option<(Kept, u64)>, Refused> {
    let mut values = parts.headers.get_all(LAST).iter();
    let (Some(id), further) = (values.next(), values.next()) else {
        return Ok(None);
    };
    let id = id.to_str().ok().filter(|_| further.is_none());
    let numbers = id.and_then(|id| id.split_once('-'));
    let stream = numbers.and_then(|(stream, event)| {
        let visitor = visitor(service, parts);
        let stream = session.stream_for(stream.parse().ok()?, service, visitor)?;
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
    /// Until when it counts who has opened it.
    expiry: Expiry,
    stay: Stay,
    /// What was told on this stream.
    feed: Arc<Feed>,
    reader: u64,
    /// Its place among those of its session.
    place: u64,
    #[expect(dead_code, reason = "it is given back when this is dropped")]
    room: Place,
}

impl Hearing {
    /// Opens a stream, or goes on with one.
    fn open(
        service: &Service,
        rules: &Rules,
        session: &Arc<Session>,
        (resumed, expiry): (Option<(Arc<Feed>, u64)>, Expiry),
    ) -> Result<Self, Refused> {
        let room = rules.room.listen(session.owned())?;
        let place = session.listen(service)?;
        let (feed, reader) = resumed.unwrap_or_else(|| {
            let feed = Arc::new(Feed::of_stream(place, None));
            session.keep(place, &feed, Of::Session);
            (feed, 0)
        });
        Ok(Self {
            service: service.clone(),
            expiry,
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
        // What waits is told to the one who comes back with another token.
        if self.expiry.is_over(cx) {
            return Poll::Ready(Said::End);
        }
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
