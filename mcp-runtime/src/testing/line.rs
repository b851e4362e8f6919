//! The line between a test client and its server: the bytes of production, without a process and without a socket.
//!
//! What the server writes is heard where it is written, so that every message is seen in the order in which it was sent.
//! That is why notifications are captured here, and why questions are answered here, in whatever form they come. Requests of a
//! test go past rmcp's client, which would cost a test more than everything that is tested; it opens the session and is there for
//! [`TestClient::peer`](super::TestClient::peer).

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use rmcp::model::{
    CancelledNotification, CancelledNotificationParam, ClientJsonRpcMessage, ErrorData, RequestId,
    ServerJsonRpcMessage,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use tokio::sync::{
    mpsc::{UnboundedSender, WeakUnboundedSender, unbounded_channel},
    oneshot,
};

use super::{
    capture::Log,
    ends::{ClientEnd, ServerEnd},
    script::Script,
};
use crate::transport::envelope::{Message, Response};

/// One message, with the end of its line.
pub(super) type Text = Arc<Vec<u8>>;

/// What the server says to a request.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) outcome: Result<Box<RawValue>, ErrorData>,
    /// How often the request was sent.
    pub(super) rounds: usize,
}

/// The ids of requests of a test begin here: those of rmcp's client count from zero.
const FIRST: i64 = 1_000_000;

/// How many bytes there is room for in a message.
const ROOM: usize = 512;

/// A new line: the client's end, the server's end, and what a test does with it beside rmcp's client.
pub(super) fn line() -> (ClientEnd, ServerEnd, Arc<Line>) {
    let (to_server, from_client) = unbounded_channel();
    let (to_client, from_server) = unbounded_channel();
    let line = Arc::new(Line {
        to_server: to_server.downgrade(),
        open: Mutex::default(),
        leaving: Mutex::default(),
        last: AtomicI64::new(FIRST),
        log: Log::new(),
        script: Script::default(),
    });
    let client = ClientEnd::new(to_server, from_server, &line);
    let server = ServerEnd::new(from_client, to_client, &line);
    (client, server, line)
}

/// What a test does with the line beside rmcp's client.
#[derive(Debug)]
pub(super) struct Line {
    /// Weak, so that the server sees the end of the line when rmcp's client is gone.
    to_server: WeakUnboundedSender<Text>,
    /// The requests without an answer, by the id that the server knows.
    open: Mutex<HashMap<RequestId, Sent>>,
    /// Who waits for the end of requests that were taken back.
    leaving: Mutex<HashMap<RequestId, oneshot::Sender<()>>>,
    last: AtomicI64,
    pub(super) log: Log,
    pub(super) script: Script,
}

/// A request on its way.
#[derive(Debug)]
pub(super) struct Sent {
    /// The id of its first round.
    pub(super) id: RequestId,
    pub(super) text: Text,
    /// How often it was sent.
    pub(super) rounds: usize,
    pub(super) asker: Asker,
}

/// Who waits for an answer.
#[derive(Debug)]
pub(super) enum Asker {
    /// A test.
    Test(oneshot::Sender<Answer>),
    /// A test that wants to see questions as they come.
    Raw(oneshot::Sender<Answer>),
    Client,
}

impl Line {
    /// An id that no other request has.
    pub(super) fn id(&self) -> RequestId {
        RequestId::Number(self.last.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends a request exactly as it is; `None` if the line is closed.
    pub(super) fn ask_raw(
        &self,
        id: &RequestId,
        message: &impl Serialize,
    ) -> Option<oneshot::Receiver<Answer>> {
        let (asker, answer) = oneshot::channel();
        self.send_round(Sent::new(id.clone(), text(message), Asker::Raw(asker)))?;
        Some(answer)
    }

    /// Sends a request, and answers the questions that are its result; `None` if the line is closed.
    pub(super) fn ask(&self, id: &RequestId, text: Vec<u8>) -> Option<oneshot::Receiver<Answer>> {
        let (asker, answer) = oneshot::channel();
        self.send_round(Sent::new(id.clone(), text, Asker::Test(asker)))?;
        Some(answer)
    }

    /// Sends a message, `None` if the line is closed.
    pub(super) fn send(&self, message: Text) -> Option<()> {
        self.to_server.upgrade()?.send(message).ok()
    }

    /// Sends a request, in the first round or in a later one.
    pub(super) fn send_round(&self, sent: Sent) -> Option<()> {
        let text = Arc::clone(&sent.text);
        self.open().insert(sent.known(), sent);
        self.send(text)
    }

    /// Forgets a request, unless it was answered, and says by which id the server knows it.
    pub(super) fn forget(&self, id: &RequestId) -> Option<RequestId> {
        let mut open = self.open();
        let known = open.values().find(|sent| sent.id == *id)?.known();
        open.remove(&known);
        Some(known)
    }

    /// Takes a request back, unless it was answered. What it returns completes when the server has let go of it.
    pub(super) fn take_back(&self, id: &RequestId) -> Option<oneshot::Receiver<()>> {
        let known = self.forget(id)?;
        let (gone, left) = oneshot::channel();
        self.leaving().insert(known.clone(), gone);
        self.send(cancelled(known))?;
        Some(left)
    }

    /// The server has let go of a request.
    pub(super) fn ended(&self, id: &RequestId) {
        let gone = self.leaving().remove(id);
        // Nobody has to wait for it.
        let _ = gone.map(|gone| gone.send(()));
    }

    /// Takes all requests back.
    pub(super) fn take_all_back(&self, to_server: &UnboundedSender<Text>) {
        for (id, _) in self.open().drain() {
            let _ = to_server.send(cancelled(id));
        }
    }

    /// Hears what the server says; what is left is for rmcp's client.
    pub(super) fn hear(&self, line: &[u8]) -> Option<ServerJsonRpcMessage> {
        match Message::read_in_parts(line) {
            Ok(Message::Response(response)) => self.answered(line, response),
            Ok(Message::Notification { .. }) => {
                self.log.push(read::<Value>(line).unwrap_or_default());
                read(line)
            }
            Ok(Message::Request(request)) => {
                let asked = read::<Value>(line).unwrap_or_default();
                if self.asked(&request.id, asked) {
                    return None;
                }
                read(line)
            }
            Err(problem) => {
                let line = String::from_utf8_lossy(line);
                let failure = format!("the server sent what is no message, {problem:?}: {line}");
                self.log.fail(failure);
                None
            }
        }
    }

    fn answered(&self, line: &[u8], response: Response<'_>) -> Option<ServerJsonRpcMessage> {
        let (Some(id), Some(outcome)) = (response.id, response.outcome) else {
            return read(line);
        };
        let Some(sent) = self.open().remove(&id) else {
            self.ended(&id);
            return None;
        };
        let outcome = match outcome {
            Ok(result) if sent.resumes() && asks(result) => {
                self.next_round(sent, result);
                return None;
            }
            Ok(result) => Ok(result.to_owned()),
            Err(error) => Err(error_of(error)),
        };
        let rounds = sent.rounds;
        match sent.asker {
            Asker::Test(asker) | Asker::Raw(asker) => {
                // Nobody waits any more if the test has dropped its request.
                let _ = asker.send(Answer { outcome, rounds });
                None
            }
            Asker::Client => Some(match outcome {
                Ok(result) => {
                    let result = read(result.get().as_bytes())?;
                    ServerJsonRpcMessage::response(result, sent.id)
                }
                Err(error) => ServerJsonRpcMessage::error(error, Some(sent.id)),
            }),
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<RequestId, Sent>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leaving(&self) -> MutexGuard<'_, HashMap<RequestId, oneshot::Sender<()>>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sent {
    pub(super) fn new(id: RequestId, text: Vec<u8>, asker: Asker) -> Self {
        Self {
            id,
            text: Arc::new(text),
            rounds: 1,
            asker,
        }
    }

    /// The id by which the server knows this round.
    pub(super) fn known(&self) -> RequestId {
        match self.rounds {
            1 => self.id.clone(),
            round => RequestId::String(format!("{}-round-{round}", self.id).into()),
        }
    }

    fn resumes(&self) -> bool {
        !matches!(self.asker, Asker::Raw(_))
    }
}

/// A message as it goes over the line.
pub(super) fn text(message: &impl Serialize) -> Vec<u8> {
    let mut text = Vec::with_capacity(ROOM);
    // What has no JSON form is refused before it is put into a message.
    let _ = serde_json::to_writer(&mut text, message);
    text.push(b'\n');
    text
}

/// Whether a result has questions that are to be answered first.
fn asks(result: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow, rename = "resultType")]
        kind: Option<&'a str>,
    }
    let kind: Option<Kind<'_>> = read(result.get().as_bytes());
    kind.and_then(|kind| kind.kind) == Some("input_required")
}

fn error_of(error: &RawValue) -> ErrorData {
    read(error.get().as_bytes())
        .unwrap_or_else(|| ErrorData::internal_error(format!("an odd error: {error}"), None))
}

fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    serde_json::from_slice(text).ok()
}

fn cancelled(id: RequestId) -> Text {
    let params = CancelledNotificationParam::new(Some(id), None);
    let message = ClientJsonRpcMessage::notification(CancelledNotification::new(params).into());
    Arc::new(text(&message))
}
