//! The way from a call to the writer of its connection.

use rmcp::model::{RequestId, ServerJsonRpcMessage, ServerNotification};
use tokio::sync::mpsc;

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
    Notification(Box<ServerJsonRpcMessage>),
    /// The end of the request, with the line to write unless the client took the request back.
    Answer(Option<Vec<u8>>),
}

impl Outbox {
    /// Sends a notification. That the client is gone is noticed by the connection.
    pub(crate) async fn notify(&self, notification: ServerNotification) {
        let _ = self.sender.send(self.notification(notification)).await;
    }

    /// A notification, to be put in where there is room already.
    pub(crate) fn notification(&self, notification: ServerNotification) -> Posted {
        let message = ServerJsonRpcMessage::notification(notification);
        Posted {
            ticket: self.ticket.clone(),
            message: Outgoing::Notification(Box::new(message)),
        }
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
}
