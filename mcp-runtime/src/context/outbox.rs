//! The way from a call to the writer of its connection.

use std::time::Duration;

use rmcp::model::RequestId;
use serde_json::{Map, Value};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{AskError, Notice};

/// A request in flight: its id, and a number that no other request of the connection has, because ids are used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) id: RequestId,
    pub(crate) serial: u64,
}

/// The outbox of a connection, for one of its requests.
///
/// It is bounded: a client that reads slowly slows the handler down, and no memory is filled meanwhile. What one request
/// puts in comes out in the same order, its answer last.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    pub(crate) ticket: Ticket,
    pub(crate) sender: mpsc::Sender<Posted>,
}

/// Something to write, and the request that it belongs to.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) ticket: Ticket,
    pub(crate) message: Outgoing,
}

/// What can be written.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// A notification, as the line to write.
    Notification(Vec<u8>),
    /// A request of ours.
    Inquiry(Box<Inquiry>),
    /// For a question of the request nobody waits any more.
    Withdrawn,
    /// The end of the request, with the line to write unless the client took the request back.
    Answer(Option<Vec<u8>>),
}

/// A request of ours to the client, and who waits for its answer.
#[derive(Debug)]
pub(crate) struct Inquiry {
    pub(crate) method: &'static str,
    pub(crate) params: Map<String, Value>,
    pub(crate) asker: oneshot::Sender<Result<Value, AskError>>,
}

impl Outbox {
    /// Sends a notification. That the client is gone is noticed by the connection.
    pub(crate) async fn notify(&self, notice: impl Notice) {
        let _ = self.sender.send(self.notification(&notice)).await;
    }

    /// A notification, to be put in where there is room already.
    pub(crate) fn notification(&self, notice: &impl Notice) -> Posted {
        self.posted(Outgoing::Notification(notice.line()))
    }

    /// Asks the client, and waits for its answer for as long as `limit`. `cancel` says that the client has taken the request
    /// back.
    pub(crate) async fn ask(
        &self,
        method: &'static str,
        params: Map<String, Value>,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Value, AskError> {
        let (asker, answer) = oneshot::channel();
        let inquiry = Inquiry {
            method,
            params,
            asker,
        };
        let posted = self.posted(Outgoing::Inquiry(Box::new(inquiry)));
        // That the client is gone is noticed by the end of the channel below.
        let _ = self.sender.send(posted).await;
        let mut waiting = Waiting {
            outbox: self,
            answer: Some(answer),
            cancel,
        };
        let answer = timeout(limit, waiting.answer()).await;
        let answer = answer.map_err(|_| AskError::TimedOut)?;
        waiting.answer = None;
        answer
    }

    /// Ends the request.
    pub(crate) async fn answer(self, line: Option<Vec<u8>>) {
        let sender = self.sender.clone();
        let _ = sender.send(self.answered(line)).await;
    }

    /// The end of the request, to be handed over directly.
    pub(crate) fn answered(self, line: Option<Vec<u8>>) -> Posted {
        Posted {
            ticket: self.ticket,
            message: Outgoing::Answer(line),
        }
    }

    fn posted(&self, message: Outgoing) -> Posted {
        Posted {
            ticket: self.ticket.clone(),
            message,
        }
    }
}

/// Waits for the answer to a question. Dropped before it comes, it takes the question back.
struct Waiting<'a> {
    outbox: &'a Outbox,
    answer: Option<oneshot::Receiver<Result<Value, AskError>>>,
    cancel: &'a CancellationToken,
}

impl Waiting<'_> {
    async fn answer(&mut self) -> Result<Value, AskError> {
        let answer = match &mut self.answer {
            Some(answer) => answer.await.ok(),
            None => None,
        };
        answer.unwrap_or_else(|| Err(AskError::failed("the client is gone")))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // First the receiver: by its end the connection knows which question is meant.
        if self.answer.take().is_some() && !self.cancel.is_cancelled() {
            // If there is no room, the answer to the request takes the question back.
            let _ = self
                .outbox
                .sender
                .try_send(self.outbox.posted(Outgoing::Withdrawn));
        }
    }
}
