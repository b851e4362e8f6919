//! Responses as streams of server-sent events.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use tokio::time::{Instant, Sleep, sleep};

use super::{body::HttpBody, running::Said};

/// A comment, which keeps proxies and clients from thinking that the connection is dead.
pub(super) const COMMENT: &[u8] = b":\n\n";

/// Writes a line as an event. Lines end with the end of a line.
pub(super) fn event(out: &mut Vec<u8>, line: &[u8]) {
    out.extend(b"data: ");
    out.extend(line);
    out.push(b'\n');
}

/// What comes out of a stream, as it is read.
pub(super) trait Source: Send {
    /// What comes next. Not to be asked after the answer.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Said>;
}

/// The response that begins with `said`, and goes on until the answer.
pub(super) fn response(
    said: Vec<u8>,
    source: impl Source + 'static,
    keep_alive: Duration,
) -> Response<HttpBody> {
    stream(HttpBody::events(Events {
        said,
        source: Some(Box::new(source)),
        keep_alive: Box::pin(sleep(keep_alive)),
        period: keep_alive,
        last: Instant::now(),
    }))
}

/// The response to a request that is answered already.
pub(super) fn whole(mut said: Vec<u8>, line: &[u8]) -> Response<HttpBody> {
    event(&mut said, line);
    let response = HttpBody::whole(StatusCode::OK, "text/event-stream", said);
    let (_, body) = response.into_parts();
    stream(body)
}

fn stream(body: HttpBody) -> Response<HttpBody> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let event_stream = HeaderValue::from_static("text/event-stream");
    headers.insert(header::CONTENT_TYPE, event_stream);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // nginx keeps a response back until it has some kilobytes of it, unless it is told not to.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The events of one request. Reading them runs the handler.
pub(super) struct Events {
    /// What is to be written first.
    said: Vec<u8>,
    /// Where the rest comes from, until the answer.
    source: Option<Box<dyn Source>>,
    keep_alive: Pin<Box<Sleep>>,
    period: Duration,
    /// When something was written the last time.
    last: Instant,
}

impl Events {
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if !self.said.is_empty() {
            return Poll::Ready(Some(mem::take(&mut self.said).into()));
        }
        let Some(source) = &mut self.source else {
            return Poll::Ready(None);
        };
        let said = match source.poll(cx) {
            Poll::Ready(Said::Words(said)) => said,
            Poll::Ready(Said::Answer(answer)) => {
                let mut said = answer.said;
                event(&mut said, &answer.line);
                self.source = None;
                said
            }
            Poll::Ready(Said::End) => {
                self.source = None;
                return Poll::Ready(None);
            }
            Poll::Pending => ready!(self.poll_silence(cx)),
        };
        self.last = Instant::now();
        Poll::Ready(Some(said.into()))
    }

    pub(super) fn is_over(&self) -> bool {
        self.source.is_none() && self.said.is_empty()
    }

    /// The timer is not moved with each event: it looks how long it really was when it goes off.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Vec<u8>> {
        loop {
            ready!(self.keep_alive.as_mut().poll(cx));
            let now = Instant::now();
            let due = self.last + self.period;
            let silent = now >= due;
            let next = if silent { now + self.period } else { due };
            self.keep_alive.as_mut().reset(next);
            if silent {
                return Poll::Ready(COMMENT.to_vec());
            }
        }
    }
}
