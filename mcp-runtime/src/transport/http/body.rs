//! The bodies of requests and responses.

use std::{
    convert::Infallible,
    fmt,
    future::poll_fn,
    mem,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use tokio::time::timeout;

use super::{pace::Turn, refused::Refused, sse::Events};

/// Reads the body of a request, unless it is longer than `limit` or takes longer than `patience`.
pub(super) async fn read<B>(body: B, limit: usize, patience: Duration) -> Result<Bytes, Refused>
where
    B: Body,
{
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large(limit));
    }
    let mut body = pin!(body);
    // Most bodies are there already, and need no timer.
    let first = poll_fn(|cx| Poll::Ready(body.as_mut().poll_frame(cx))).await;
    let rest = async {
        let first = match first {
            Poll::Ready(frame) => frame,
            Poll::Pending => next(body.as_mut()).await,
        };
        let Some(first) = data(first)? else {
            return Ok(Bytes::new());
        };
        if first.len() <= limit && body.is_end_stream() {
            return Ok(first);
        }
        let mut all = BytesMut::from(first);
        while all.len() <= limit {
            let Some(more) = data(next(body.as_mut()).await)? else {
                return Ok(all.freeze());
            };
            all.extend_from_slice(&more);
        }
        Err(too_large(limit))
    };
    let mut rest = pin!(rest);
    match poll_fn(|cx| Poll::Ready(rest.as_mut().poll(cx))).await {
        Poll::Ready(read) => read,
        Poll::Pending => timeout(patience, rest).await.unwrap_or_else(|_| {
            let problem = format!("the body did not arrive within {patience:?}");
            Err(Refused::new(StatusCode::REQUEST_TIMEOUT, problem).closing())
        }),
    }
}

async fn next<B: Body>(mut body: Pin<&mut B>) -> Option<Result<Frame<B::Data>, B::Error>> {
    poll_fn(|cx| body.as_mut().poll_frame(cx)).await
}

/// The bytes of a frame: none at the end of the data, and of trailers.
fn data<D: Buf, E>(frame: Option<Result<Frame<D>, E>>) -> Result<Option<Bytes>, Refused> {
    match frame {
        None => Ok(None),
        Some(Ok(frame)) => Ok(frame
            .into_data()
            .ok()
            .map(|mut data| data.copy_to_bytes(data.remaining()))),
        Some(Err(_)) => {
            let problem = "the body ended before its end";
            Err(Refused::new(StatusCode::BAD_REQUEST, problem).closing())
        }
    }
}

fn too_large(limit: usize) -> Refused {
    let problem = format!("a message must not be longer than {limit} bytes");
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, problem).closing()
}

/// The body of a response: a JSON-RPC message, or a stream of events that runs the handler as it is read.
///
/// Dropping it before its end tells the handler that the client is gone.
#[derive(Default)]
pub struct HttpBody {
    kind: Kind,
    /// Tells the connection when the response is written.
    turn: Option<Turn>,
}

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Whole(Bytes),
    Events(Box<Events>),
}

impl HttpBody {
    /// A response without a body.
    pub(super) fn empty(status: StatusCode) -> Response<Self> {
        let mut response = Response::new(Self::default());
        *response.status_mut() = status;
        response
    }

    /// A response with one message.
    pub(super) fn json(status: StatusCode, mut line: Vec<u8>) -> Response<Self> {
        line.pop_if(|last| *last == b'\n');
        Self::whole(status, "application/json", line)
    }

    /// A response with everything that there is to say.
    pub(super) fn whole(
        status: StatusCode,
        content_type: &'static str,
        content: impl Into<Bytes>,
    ) -> Response<Self> {
        let mut response = Self::empty(status);
        let content_type = HeaderValue::from_static(content_type);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type);
        response.body_mut().kind = Kind::Whole(content.into());
        response
    }

    pub(super) fn events(events: Events) -> Self {
        Self {
            kind: Kind::Events(Box::new(events)),
            turn: None,
        }
    }

    /// The same body, which keeps the connection busy until it is dropped.
    pub(super) fn during(mut self, turn: Turn) -> Self {
        self.turn = Some(turn);
        self
    }
}

impl Body for HttpBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match &mut self.kind {
            Kind::Empty => Poll::Ready(None),
            Kind::Whole(content) => {
                let content = mem::take(content);
                self.kind = Kind::Empty;
                Poll::Ready(Some(content))
            }
            Kind::Events(events) => events.poll_next(cx),
        };
        data.map(|data| data.map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Empty => true,
            Kind::Whole(content) => content.is_empty(),
            Kind::Events(events) => events.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Whole(content) => SizeHint::with_exact(content.len() as u64),
            Kind::Events(_) => SizeHint::default(),
        }
    }
}

impl fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Empty => "Empty",
            Kind::Whole(_) => "Whole",
            Kind::Events(_) => "Events",
        };
        f.debug_tuple("HttpBody").field(&kind).finish()
    }
}
