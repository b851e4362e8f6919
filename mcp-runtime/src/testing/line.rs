//! The line between a test client and its server: typed messages over channels, no bytes.
//!
//! The client's end sees every message in the order in which it was sent. That is why notifications are captured here: rmcp
//! hands each of them to the client's handler in a task of its own, so that there the last may come first, and after the
//! answer that it belongs to.

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
use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel},
    oneshot,
};

use super::capture::Log;

/// What the server says to a request.
pub(super) type Answer = Result<ServerResult, ErrorData>;

/// A new line: the client's end, the server's end, and what a test does with it beside rmcp's client.
pub(super) fn line() -> (ClientEnd, ServerEnd, Arc<Line>) {
    let (to_server, from_client) = unbounded_channel();
    let (to_client, from_server) = unbounded_channel();
    let line = Arc::new(Line {
        to_server: to_server.downgrade(),
        open: Mutex::default(),
        raw: AtomicU64::new(0),
        log: Log::new(),
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
    /// The requests without an answer; with the asker, if it is not rmcp's client.
    open: Mutex<HashMap<RequestId, Option<oneshot::Sender<Answer>>>>,
    /// How many requests went past rmcp's client.
    raw: AtomicU64,
    pub(super) log: Log,
}

impl Line {
    /// Sends a request past rmcp's client, exactly as it is; `None` if the line is closed.
    pub(super) fn ask(
        &self,
        request: ClientRequest,
    ) -> Option<(RequestId, oneshot::Receiver<Answer>)> {
        let to_server = self.to_server.upgrade()?;
        let number = self.raw.fetch_add(1, Ordering::Relaxed);
        let id = RequestId::String(format!("raw-{number}").into());
        let (asker, answer) = oneshot::channel();
        self.open().insert(id.clone(), Some(asker));
        to_server
            .send(ClientJsonRpcMessage::request(request, id.clone()))
            .ok()?;
        Some((id, answer))
    }

    /// Takes a request back, unless it was answered.
    fn take_back(&self, id: RequestId) {
        let Some(to_server) = self.to_server.upgrade() else {
            return;
        };
        if self.open().remove(&id).is_some() {
            // A server that is gone has nothing to end.
            let _ = to_server.send(cancelled(id));
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<RequestId, Option<oneshot::Sender<Answer>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a request that went past rmcp's client back when it is dropped before the answer.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) line: Arc<Line>,
    pub(super) id: RequestId,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.line.take_back(self.id.clone());
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
        mut message: ClientJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        match &mut message {
            JsonRpcMessage::Request(request) => {
                merge_meta(&mut request.request);
                self.line.open().insert(request.id.clone(), None);
            }
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.line.open().remove(id);
                }
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
        }
        deliver(&self.to_server, message)
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        loop {
            let message = self.from_server.recv().await?;
            let (id, answer) = match message {
                JsonRpcMessage::Response(response) => (response.id, Ok(response.result)),
                JsonRpcMessage::Error(error) => match error.id {
                    Some(id) => (id, Err(error.error)),
                    None => return Some(JsonRpcMessage::Error(error)),
                },
                JsonRpcMessage::Notification(notification) => {
                    self.line.log.push(&notification.notification);
                    return Some(JsonRpcMessage::Notification(notification));
                }
                JsonRpcMessage::Request(_) => return Some(message),
            };
            let asker = self.line.open().remove(&id);
            match (asker, answer) {
                // Nobody waits any more if the test has dropped its request.
                (Some(Some(asker)), answer) => drop(asker.send(answer)),
                (_, Ok(result)) => return Some(ServerJsonRpcMessage::response(result, id)),
                (_, Err(error)) => return Some(ServerJsonRpcMessage::error(error, Some(id))),
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
