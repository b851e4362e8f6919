//! The requests of ours that a client has not answered.

use std::collections::HashMap;

use rmcp::model::{
    CancelledNotification, CancelledNotificationParam, RequestId, ServerJsonRpcMessage,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};
use tokio::sync::oneshot;

use super::{envelope::Response, json, reply};
use crate::{
    AskError,
    context::{Inquiry, Ticket},
};

/// The requests of ours that the client of a connection has not answered.
#[derive(Debug, Default)]
pub(super) struct Questions {
    /// Those of each request, by its number.
    open: HashMap<u64, Vec<Open>>,
    /// The request that each belongs to.
    calls: HashMap<RequestId, u64>,
    last: i64,
    /// Nothing more is read.
    closed: bool,
}

#[derive(Debug)]
struct Open {
    id: RequestId,
    asker: oneshot::Sender<Result<Value, AskError>>,
}

impl Questions {
    /// How many requests wait for an answer.
    pub(super) fn calls(&self) -> usize {
        self.open.len()
    }

    /// Writes a question.
    pub(super) fn ask(&mut self, ticket: &Ticket, inquiry: Inquiry, out: &mut Vec<u8>) {
        let Inquiry {
            method,
            params,
            asker,
        } = inquiry;
        if self.closed || asker.is_closed() {
            return;
        }
        self.last += 1;
        let id = RequestId::Number(self.last);
        let written = Written {
            jsonrpc: "2.0",
            id: &id,
            method,
            params,
        };
        out.extend(reply::line(&written).unwrap_or_default());
        self.calls.insert(id.clone(), ticket.serial);
        let open = self.open.entry(ticket.serial).or_default();
        open.push(Open { id, asker });
    }

    /// Hands an answer to whoever waits for it.
    pub(super) fn answer(&mut self, response: Response<'_>) {
        let id = response.id;
        let Some(open) = id.and_then(|id| self.take(&id)) else {
            tracing::debug!("an answer to no question");
            return;
        };
        let answer = match response.outcome {
            Some(Ok(result)) => Ok(json::read(result.get()).unwrap_or_default()),
            Some(Err(error)) => Err(AskError::refused(&message(error))),
            // Not an answer to anything: it is asked again.
            None => Ok(Value::Null),
        };
        // Nobody may wait any more.
        let _ = open.asker.send(answer);
    }

    /// Takes back the questions of a request for which nobody waits; the client is told if it still wants to know.
    pub(super) fn withdraw(&mut self, ticket: &Ticket, wanted: bool, out: &mut Vec<u8>) {
        let open = self.open.get(&ticket.serial).into_iter().flatten();
        let dropped = open.filter(|open| open.asker.is_closed());
        let dropped: Vec<RequestId> = dropped.map(|open| open.id.clone()).collect();
        for id in dropped {
            self.take(&id);
            if wanted {
                let params = CancelledNotificationParam::new(Some(id), None);
                let notification = CancelledNotification::new(params).into();
                let message = ServerJsonRpcMessage::notification(notification);
                out.extend(reply::line(&message).unwrap_or_default());
            }
        }
    }

    /// No answer can come any more.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.open.clear();
        self.calls.clear();
    }

    fn take(&mut self, id: &RequestId) -> Option<Open> {
        let serial = self.calls.remove(id)?;
        let open = self.open.get_mut(&serial)?;
        let at = open.iter().position(|open| open.id == *id)?;
        let taken = open.swap_remove(at);
        if open.is_empty() {
            self.open.remove(&serial);
        }
        Some(taken)
    }
}

#[derive(Serialize)]
struct Written<'a> {
    jsonrpc: &'static str,
    id: &'a RequestId,
    method: &'static str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    params: Map<String, Value>,
}

/// The words of an error.
fn message(error: &RawValue) -> String {
    #[derive(Deserialize)]
    struct Error {
        message: String,
    }
    let error: Option<Error> = serde_json::from_str(error.get()).ok();
    error.map_or_else(String::new, |error| error.message)
}
