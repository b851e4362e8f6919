//! The requests of one connection: what a line asks for, what is in flight, and what may still be written about it.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use rmcp::model::{ErrorData, RequestId};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::{
    envelope::{self, Malformed, Message, Request},
    guest::Guest,
    lines::Line,
    open::Open,
    questions::Questions,
    reply,
    session::{Session, Step, Visitor, Work},
};
use crate::{
    Service,
    context::{Caller, Outbox, Outgoing, Posted, Sink, Ticket},
    refusal::shown,
};

/// How many handlers of one client run at a time, those aside that wait for an answer of the client. Nothing more is read
/// while there are so many.
const MAX_RUNNING: usize = 1024;

/// How many handlers of one client run at a time, with those that wait for an answer of the client. No more calls are taken
/// while there are so many, but the answers are read.
const MAX_WAITING: usize = 4096;

/// The longest line that is copied to those before, if there are none, in bytes.
const COPIED: usize = 4096;

/// How many lines that are no JSON are answered in a second: the rest may be the echo of our own answers.
const COMPLAINTS: u32 = 5;

/// The requests of one connection.
#[derive(Debug)]
pub(super) struct Desk {
    service: Service,
    session: Session,
    /// The requests that are to be answered.
    open: Open,
    /// How many handlers run, also those whose request was taken back.
    running: usize,
    serial: u64,
    outbox: mpsc::Sender<Posted>,
    /// The requests of ours that the client has not answered.
    questions: Questions,
    complaints: Complaints,
    guest: Guest,
}

/// A handler that is about to run.
pub(super) struct Started {
    pub(super) work: Work,
    pub(super) service: Service,
    pub(super) caller: Arc<Caller>,
    pub(super) outbox: Outbox,
}

impl Desk {
    pub(super) fn new(service: Service, outbox: mpsc::Sender<Posted>, guest: Guest) -> Self {
        Self {
            service,
            session: Session::default(),
            open: Open::default(),
            running: 0,
            serial: 0,
            outbox,
            questions: Questions::default(),
            complaints: Complaints::default(),
            guest,
        }
    }

    /// How many handlers run.
    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// Whether one more line may be read.
    pub(super) fn takes(&self) -> bool {
        self.running < MAX_RUNNING || self.running - self.questions.calls() < MAX_RUNNING
    }

    /// Reads one line. What can be said at once is written to `out`; a handler that has to run is returned.
    pub(super) fn read(&mut self, line: &Line<'_>, out: &mut Vec<u8>) -> Option<Started> {
        let message = match line {
            Line::Message(line) => Message::read(line),
            Line::TooLong => {
                let limit = self.service.parts().settings.max_line_bytes;
                let problem = format!("a message must not be longer than {limit} bytes");
                Err(Malformed::Invalid(None, problem.into()))
            }
        };
        match message {
            Ok(Message::Request(mut request)) => return self.request(&mut request, out),
            Ok(Message::Notification { method, params }) => self.notification(&method, params),
            Ok(Message::Response(response)) => self.questions.answer(response),
            Err(malformed) => self.refuse(malformed, out),
        }
        None
    }

    /// Writes what a handler has sent, unless its request has ended or was taken back.
    pub(super) fn post(&mut self, posted: Posted, out: &mut Vec<u8>) {
        let Posted { ticket, message } = posted;
        match message {
            Outgoing::Notification(line) if self.open.wants(&ticket) => append(out, line),
            Outgoing::Inquiry(inquiry) if self.open.wants(&ticket) => {
                self.questions.ask(&ticket, *inquiry, out);
            }
            Outgoing::Notification(_) | Outgoing::Inquiry(_) => {}
            Outgoing::Withdrawn => {
                let wanted = self.open.wants(&ticket);
                self.questions.withdraw(&ticket, wanted, out);
            }
            Outgoing::Answer(line) => {
                self.running -= 1;
                let wanted = self.open.end(&ticket);
                self.questions.withdraw(&ticket, wanted, out);
                if wanted {
                    append(out, line.unwrap_or_default());
                }
                self.guest.ended(&ticket.id);
            }
        }
    }

    /// How many streams of notifications the client has open.
    pub(super) fn streams(&self) -> usize {
        self.session.listening.streams()
    }

    /// Ends the streams of notifications, as soon as there is room for what is to be told before.
    pub(super) fn end_streams(&self) {
        self.session.listening.end();
    }

    /// Writes the next change that the client hears of.
    pub(super) fn poll_changes(&self, cx: &mut Context<'_>, out: &mut Vec<u8>) -> Poll<()> {
        let line = ready!(self.session.listening.poll(cx, &self.service));
        out.extend(line);
        Poll::Ready(())
    }

    /// Takes back all requests: their handlers are dropped, nothing is written about them any more.
    pub(super) fn cancel(&mut self) {
        self.open.cancel();
    }

    /// Nothing more is read: no question will be answered.
    pub(super) fn hang_up(&mut self) {
        self.questions.close();
    }

    fn request(&mut self, request: &mut Request<'_>, out: &mut Vec<u8>) -> Option<Started> {
        if self.open.has(&request.id) || self.session.listening.has(&request.id) {
            // An answer with this id would pass for that to the request in flight.
            out.extend(reply::error(None, &in_use(&request.id)));
            return None;
        }
        self.session.asked_by(Visitor::of(self.guest.principal()));
        match self.session.request(&self.service, request) {
            Ok(Step::Answered(line)) => append(out, line),
            Err(error) => out.extend(reply::error(Some(&request.id), &error)),
            Ok(Step::Call(..)) if self.running >= MAX_WAITING => {
                let problem = "too many calls of this client wait for its answers";
                let error = ErrorData::internal_error(problem, None);
                out.extend(reply::error(Some(&request.id), &error));
            }
            Ok(Step::Call(mut caller, work)) => {
                let outbox = self.open(&mut caller);
                return Some(Started {
                    work,
                    service: self.service.clone(),
                    caller,
                    outbox,
                });
            }
        }
        None
    }

    fn open(&mut self, caller: &mut Arc<Caller>) -> Outbox {
        self.serial += 1;
        self.running += 1;
        let ticket = Ticket {
            id: caller.id.clone(),
            serial: self.serial,
        };
        let outbox = Outbox {
            ticket: ticket.clone(),
            sender: self.outbox.clone(),
        };
        caller.unshared().sink = Sink::Outbox(outbox.clone());
        self.open.add(ticket, Arc::clone(caller));
        outbox
    }

    fn notification(&mut self, method: &str, params: Option<&RawValue>) {
        match method {
            "notifications/cancelled" => self.take_back(params),
            "notifications/initialized" => self.session.listening.begin_session(),
            _ => tracing::debug!(method, "a notification"),
        }
    }

    fn take_back(&mut self, params: Option<&RawValue>) {
        let Some((request_id, reason)) = cancelled(params) else {
            tracing::debug!("a cancellation that names no request");
            return;
        };
        // It may have been answered in the meantime.
        if let Some(caller) = self.open.take_back(&request_id) {
            tracing::debug!(id = %request_id, reason, "a request is taken back");
            caller.cancel.cancel();
        } else {
            self.session.listening.leave(&request_id);
            self.guest.ended(&request_id);
        }
    }

    fn refuse(&mut self, malformed: Malformed, out: &mut Vec<u8>) {
        match malformed {
            Malformed::Unparsable(problem) => {
                if self.complaints.admit() {
                    let error = ErrorData::parse_error(problem, None);
                    out.extend(reply::error(None, &error));
                }
            }
            Malformed::Invalid(id, problem) => {
                let error = ErrorData::invalid_request(problem, None);
                let id = id.filter(|id| !self.open.has(id));
                out.extend(reply::error(id.as_ref(), &error));
            }
        }
    }
}

/// Which request a `notifications/cancelled` takes back, and why.
pub(super) fn cancelled(params: Option<&RawValue>) -> Option<(RequestId, Option<String>)> {
    // A list would be read as the fields in their order.
    let params = params.filter(|params| params.get().starts_with('{'))?;
    let Cancelled { request_id, reason } = serde_json::from_str(params.get()).ok()?;
    Some((envelope::id(request_id)?, reason))
}

/// The part of a `notifications/cancelled` that is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cancelled<'a> {
    #[serde(borrow)]
    request_id: &'a RawValue,
    #[serde(default)]
    reason: Option<String>,
}

/// Adds a line to what is to be written. If it is all there is and is long, it need not be copied.
fn append(out: &mut Vec<u8>, line: Vec<u8>) {
    if out.is_empty() && line.len() > COPIED {
        *out = line;
    } else {
        out.extend(line);
    }
}

/// The error of a request with the id of one that is in flight.
pub(super) fn in_use(id: &RequestId) -> ErrorData {
    let id = match id {
        RequestId::Number(number) => number.to_string(),
        RequestId::String(text) => format!("{:?}", shown(text)),
    };
    ErrorData::invalid_request(format!("the id {id} is in use"), None)
}

/// Counts the answers to lines that are no JSON.
#[derive(Debug, Default)]
struct Complaints {
    since: Option<Instant>,
    count: u32,
}

impl Complaints {
    /// Whether one more may be written.
    fn admit(&mut self) -> bool {
        let over = |since: Instant| since.elapsed() >= Duration::from_secs(1);
        if self.since.is_none_or(over) {
            self.since = Some(Instant::now());
            self.count = 0;
        }
        self.count += 1;
        if self.count == COMPLAINTS + 1 {
            tracing::warn!("the client sends lines that are no JSON: not answered for a second");
        }
        self.count <= COMPLAINTS
    }
}
