//! `subscriptions/listen`: a response that tells of changes until the server ends, the client goes, or nobody knows it any more.

use std::task::{Context, Poll, ready};

use http::StatusCode;

use super::{
    super::session::Listening,
    expiry::Expiry,
    room::Place,
    running::{Answer, Said},
    sse::{self, Source},
};
use crate::Service;

/// The stream of changes that one request has opened.
#[derive(Debug)]
pub(super) struct Changes {
    pub(super) service: Service,
    pub(super) listening: Listening,
    /// Until when it counts who has opened it.
    pub(super) expiry: Expiry,
    /// There are not too many of its kind.
    #[expect(dead_code, reason = "it is given back when this is dropped")]
    pub(super) room: Place,
}

impl Source for Changes {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        if self.expiry.is_over(cx) {
            return Poll::Ready(self.listening.cut(&self.service).map_or(Said::End, last));
        }
        let line = ready!(self.listening.poll(cx, &self.service));
        Poll::Ready(if self.listening.streams() > 0 {
            let mut said = Vec::new();
            sse::event(&mut said, &line);
            Said::Words(said)
        } else {
            // The server has ended it.
            last(line)
        })
    }
}

/// The result of a stream that has ended.
fn last(line: Vec<u8>) -> Said {
    Said::Answer(Answer {
        said: Vec::new(),
        line,
        status: StatusCode::OK,
    })
}
