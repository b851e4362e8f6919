//! The line between a test client and its server: typed messages over channels, no bytes.
//!
//! The client's end sees every message in the order in which it was sent. That is why notifications are captured here: rmcp
//! hands each of them to the client's handler in a task of its own, so that there the last may come first, and after the
//! answer that it belongs to. For the same reason questions are answered here, in whatever form they come.

use std::{
    collections::HashMap,
    future::{Future, Ready, ready},
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rmcp::{
    RoleClient, RoleServer,
    model::{
        CancelledNotification, CancelledNotificationParam, ClientJsonRpcMessage,
        ClientNotification, ClientRequest, ErrorData, GetMeta, JsonRpcMessage, RequestId,
        RequestMetaObject, ServerJsonRpcMessage, ServerResult,
    },
    transport::Transport,
};
use serde_json::Value;
use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel},
    oneshot::{self, error::RecvError},
};

use super::{
    ProtocolError,
    capture::Log,
    request::{Caller, json},
    script::Script,
};

/// What the server says to a request.
pub(super) type Answer = Result<ServerResult, ErrorData>;

/// A new line: the client's end, the server's end, and what a test does with it beside rmcp's client.
pub(super) fn line() -> (ClientEnd, ServerEnd, Arc<Line>) {
    let (to_server, from_client) = unbounded_channel();
    let (to_client, from_server) = unbounded_channel();
    let line = Arc::new(Line {
        to_server: to_server.downgrade(),
        open: Mutex::default(),
        rounds: Mutex::default(),
        raw: AtomicU64::new(0),
        log: Log::new(),
        script: Script::default(),
    });
    let client = ClientEnd {
        to_server,
        from_server,
        line: Arc::clone(&line),
    };
    let server = ServerEnd {
        to_client,
        from_client,
    };
    (client, server, line)
}

/// What a test does with the line beside rmcp's client.
#[derive(Debug)]
pub(super) struct Line {
    /// Weak, so that the server sees the end of the line when rmcp's client is gone.
    to_server: WeakUnboundedSender<ClientJsonRpcMessage>,
    /// The requests without an answer, by the id that the server knows.
    open: Mutex<HashMap<RequestId, Asker>>,
    /// How often requests of rmcp's client were sent, if that was more than once.
    rounds: Mutex<HashMap<RequestId, usize>>,
    /// How many requests went past rmcp's client.
    raw: AtomicU64,
    pub(super) log: Log,
    pub(super) script: Script,
}

/// Who waits for an answer.
#[derive(Debug)]
enum Asker {
    /// A test, past rmcp's client.
    Raw(oneshot::Sender<Answer>),
    Client(Box<Sent>),
}

/// A request of rmcp's client.
#[derive(Debug)]
pub(super) struct Sent {
    /// The id that rmcp's client gave it.
    pub(super) id: RequestId,
    pub(super) request: ClientRequest,
    /// How often it was sent.
    pub(super) rounds: usize,
}

impl Line {
    /// Sends a request past rmcp's client, exactly as it is; `None` if the line is closed.
    pub(super) fn ask(
        &self,
        request: ClientRequest,
    ) -> Option<(RequestId, oneshot::Receiver<Answer>)> {
        let number = self.raw.fetch_add(1, Ordering::Relaxed);
        let id = RequestId::String(format!("raw-{number}").into());
        let (asker, answer) = oneshot::channel();
        self.open().insert(id.clone(), Asker::Raw(asker));
        self.send(ClientJsonRpcMessage::request(request, id.clone()))?;
        Some((id, answer))
    }

    /// How often a request of rmcp's client was sent until it was answered.
    pub(super) fn rounds(&self, id: &RequestId) -> usize {
        let rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
        rounds.get(id).copied().unwrap_or(1)
    }

    /// Sends a message, `None` if the line is closed.
    pub(super) fn send(&self, message: ClientJsonRpcMessage) -> Option<()> {
        self.to_server.upgrade()?.send(message).ok()
    }

    /// Sends a request of rmcp's client, in the first round or in a later one.
    pub(super) fn send_round(&self, sent: Sent) -> Option<()> {
        let id = match sent.rounds {
            1 => sent.id.clone(),
            round => RequestId::String(format!("{}-round-{round}", sent.id).into()),
        };
        let message = ClientJsonRpcMessage::request(sent.request.clone(), id.clone());
        self.open().insert(id, Asker::Client(Box::new(sent)));
        self.send(message)
    }

    /// Forgets a request of rmcp's client that it takes back; the id is that by which the server knows it.
    fn taken_back(&self, id: &RequestId) -> Option<RequestId> {
        let mut open = self.open();
        let known = open.iter().find_map(|(known, asker)| match asker {
            Asker::Client(sent) if sent.id == *id => Some(known.clone()),
            _ => None,
        })?;
        open.remove(&known);
        Some(known)
    }

    /// Takes a request back, unless it was answered.
    fn take_back(&self, id: RequestId) {
        if self.open().remove(&id).is_some() {
            // A server that is gone has nothing to end.
            let _ = self.send(cancelled(id));
        }
    }

    /// Hears what the server says; what is left is for rmcp's client.
    fn hear(&self, message: ServerJsonRpcMessage) -> Option<ServerJsonRpcMessage> {
        let (id, answer) = match message {
            JsonRpcMessage::Response(response) => (response.id, Ok(response.result)),
            JsonRpcMessage::Error(error) => match error.id {
                Some(id) => (id, Err(error.error)),
                None => return Some(JsonRpcMessage::Error(error)),
            },
            JsonRpcMessage::Notification(notification) => {
                self.log.push(&notification.notification);
                return Some(JsonRpcMessage::Notification(notification));
            }
            JsonRpcMessage::Request(request) => return self.asked(request),
        };
        let asker = self.open().remove(&id);
        let id = match asker {
            None => id,
            Some(Asker::Raw(asker)) => {
                // Nobody waits any more if the test has dropped its request.
                let _ = asker.send(answer);
                return None;
            }
            Some(Asker::Client(sent)) => {
                if let Ok(ServerResult::InputRequiredResult(required)) = answer {
                    self.next_round(*sent, required);
                    return None;
                }
                self.end(*sent)
            }
        };
        Some(match answer {
            Ok(result) => ServerJsonRpcMessage::response(result, id),
            Err(error) => ServerJsonRpcMessage::error(error, Some(id)),
        })
    }

    fn end(&self, sent: Sent) -> RequestId {
        if sent.rounds > 1 {
            let mut rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
            rounds.insert(sent.id.clone(), sent.rounds);
        }
        sent.id
    }

    fn open(&self) -> MutexGuard<'_, HashMap<RequestId, Asker>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a request that went past rmcp's client back when it is dropped before the answer.
#[derive(Debug)]
pub(super) struct Open {
    line: Arc<Line>,
    id: RequestId,
}

impl Open {
    pub(super) fn new(line: &Arc<Line>, id: RequestId) -> Self {
        let line = Arc::clone(line);
        Self { line, id }
    }

    /// What the server says to it.
    pub(super) async fn answer(
        &self,
        answer: impl Future<Output = Result<Answer, RecvError>>,
        caller: Caller,
    ) -> Result<Value, ProtocolError> {
        let log = &self.line.log;
        tokio::select! {
            biased;
            answer = answer => match answer {
                Ok(Ok(result)) => Ok(json(&result)),
                Ok(Err(error)) => Err(error.into()),
                Err(closed) => panic!("the connection broke: {closed}\nasked for at {caller}"),
            },
            failed = log.failed(caller) => match failed {},
        }
    }

    /// Takes it back, unless it was answered.
    pub(super) fn take_back(&self) {
        self.line.take_back(self.id.clone());
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.take_back();
    }
}

/// The client's end of the line.
#[derive(Debug)]
pub(super) struct ClientEnd {
    to_server: UnboundedSender<ClientJsonRpcMessage>,
    from_server: UnboundedReceiver<ServerJsonRpcMessage>,
    line: Arc<Line>,
}

impl Transport<RoleClient> for ClientEnd {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let sent = match message {
            JsonRpcMessage::Request(mut request) => {
                merge_meta(&mut request.request);
                self.line.send_round(Sent {
                    id: request.id,
                    request: request.request,
                    rounds: 1,
                })
            }
            JsonRpcMessage::Notification(mut notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &mut notification.notification
                    && let Some(id) = &mut cancelled.params.request_id
                    && let Some(known) = self.line.taken_back(id)
                {
                    *id = known;
                }
                self.line.send(JsonRpcMessage::Notification(notification))
            }
            other => self.line.send(other),
        };
        ready(sent.ok_or_else(|| io::ErrorKind::BrokenPipe.into()))
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        loop {
            let message = self.from_server.recv().await?;
            if let Some(message) = self.line.hear(message) {
                return Some(message);
            }
        }
    }

    /// Takes all open requests back: at the end of its input, rmcp's server would wait seconds for their answers.
    async fn close(&mut self) -> io::Result<()> {
        for (id, _) in self.line.open().drain() {
            let _ = self.to_server.send(cancelled(id));
        }
        Ok(())
    }
}

/// The server's end of the line.
#[derive(Debug)]
pub(super) struct ServerEnd {
    to_client: UnboundedSender<ServerJsonRpcMessage>,
    from_client: UnboundedReceiver<ClientJsonRpcMessage>,
}

impl Transport<RoleServer> for ServerEnd {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        deliver(&self.to_client, message)
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        self.from_client.recv().await
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn deliver<M>(to: &UnboundedSender<M>, message: M) -> Ready<io::Result<()>> {
    ready(
        to.send(message)
            .map_err(|_| io::ErrorKind::BrokenPipe.into()),
    )
}

fn cancelled(id: RequestId) -> ClientJsonRpcMessage {
    let params = CancelledNotificationParam::new(Some(id), None);
    ClientJsonRpcMessage::notification(CancelledNotification::new(params).into())
}

/// rmcp merges the `_meta` of the parameters into that of the request where it reads bytes. Here are none, and without this
/// it would be lost. As over the wire, that of the request wins.
fn merge_meta(request: &mut ClientRequest) {
    let Some(mut merged) = params_meta(request) else {
        return;
    };
    let meta = request.get_meta_mut();
    merged.extend(std::mem::take(meta));
    *meta = merged;
}

fn params_meta(request: &mut ClientRequest) -> Option<RequestMetaObject> {
    match request {
        ClientRequest::InitializeRequest(request) => request.params.meta.take(),
        ClientRequest::CompleteRequest(request) => request.params.meta.take(),
        ClientRequest::GetPromptRequest(request) => request.params.meta.take(),
        ClientRequest::ReadResourceRequest(request) => request.params.meta.take(),
        ClientRequest::CallToolRequest(request) => request.params.meta.take(),
        ClientRequest::SubscribeRequest(request) => request.params.meta.take(),
        ClientRequest::UnsubscribeRequest(request) => request.params.meta.take(),
        ClientRequest::SubscriptionsListenRequest(request) => request.params.meta.take(),
        ClientRequest::ListToolsRequest(request) => request.params.as_mut()?.meta.take(),
        ClientRequest::ListPromptsRequest(request) => request.params.as_mut()?.meta.take(),
        ClientRequest::ListResourcesRequest(request) => request.params.as_mut()?.meta.take(),
        ClientRequest::ListResourceTemplatesRequest(request) => {
            request.params.as_mut()?.meta.take()
        }
        _ => None,
    }
}
