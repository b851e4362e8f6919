//! A request on its way, and [`RunningCall`], which is one that a test holds in its hands.

use std::{
    fmt,
    future::{Future, IntoFuture},
    panic::Location,
    pin::Pin,
    sync::Arc,
};

use futures_util::FutureExt;
use rmcp::{
    Peer, RoleClient, ServiceError,
    model::{
        CancelledNotification, CancelledNotificationParam, ClientRequest, GetExtensions, RequestId,
        ServerResult,
    },
    service::{PeerRequestOptions, RequestHandle},
};
use serde_json::Value;
use tokio::task::unconstrained;
use tokio_util::sync::CancellationToken;

use super::{
    Progress, ProtocolError, ToolResult,
    capture::{Mark, Steps},
    line::Line,
    result::Received,
    served::Ended,
};

/// Where the test asked, for messages: a panic inside a future does not know it.
pub(super) type Caller = &'static Location<'static>;

/// What came back: the result, and what was told about the request meanwhile.
pub(super) type Reply = Result<(Received, Vec<Progress>), ProtocolError>;

/// A request on its way, in as many rounds as it takes. Dropped before the answer, it is taken back.
#[derive(Debug)]
pub(super) struct Request {
    /// What is asked for, for messages.
    what: String,
    line: Arc<Line>,
    id: RequestId,
    open: Open,
    answer: Option<Result<ServerResult, ServiceError>>,
    begun: Mark,
    steps: Steps,
    told: Vec<Progress>,
    ended: CancellationToken,
    caller: Caller,
}

/// The way that requests take.
pub(super) struct Way<'a> {
    pub(super) client: &'a Peer<RoleClient>,
    pub(super) line: &'a Arc<Line>,
    pub(super) options: PeerRequestOptions,
}

impl Request {
    /// Sends a request by rmcp's client, which gives it an id, a progress token and the metadata of its revision.
    pub(super) async fn send(
        way: Way<'_>,
        what: String,
        mut request: ClientRequest,
        caller: Caller,
    ) -> Self {
        let log = &way.line.log;
        log.check(caller);
        let begun = log.mark();
        let (extension, ended) = Ended::new();
        request.extensions_mut().insert(extension);
        let sent = way.client.send_request_with_option(request, way.options);
        let handle = match sent.await {
            Ok(handle) => handle,
            Err(error) => broken(&error, caller),
        };
        let token = serde_json::to_value(&handle.progress_token).unwrap_or_default();
        Self {
            what,
            line: Arc::clone(way.line),
            id: handle.id.clone(),
            open: Open(Some(handle)),
            answer: None,
            begun,
            steps: log.steps(token, begun),
            told: Vec::new(),
            ended,
            caller,
        }
    }

    /// The next step that the server tells, or `None` if it has answered.
    async fn next_step(&mut self) -> Option<Progress> {
        loop {
            if let Some(step) = self.steps.next() {
                self.told.push(step.clone());
                return Some(step);
            }
            self.line.log.check(self.caller);
            let handle = self.open.0.as_mut()?;
            tokio::select! {
                biased;
                () = self.steps.changed() => {}
                answer = &mut handle.rx => {
                    self.answer = Some(received(answer));
                    self.open.0 = None;
                }
            }
        }
    }

    /// The answer.
    ///
    /// # Panics
    ///
    /// If there is none because the connection broke.
    pub(super) async fn reply(mut self) -> Reply {
        // The last step is followed by the answer.
        while self.next_step().await.is_some() {}
        match self.answer {
            Some(Ok(result)) => {
                let received = Received {
                    from: self.what,
                    json: json(&result),
                    rounds: self.line.rounds(&self.id),
                    told: self.line.log.since(self.begun),
                };
                Ok((received, self.told))
            }
            Some(Err(ServiceError::McpError(error))) => Err(error.into()),
            Some(Err(error)) => broken(&error, self.caller),
            None => broken(&ServiceError::TransportClosed, self.caller),
        }
    }

    /// Takes the request back and waits for its end.
    async fn cancel(mut self) {
        if let Some(handle) = self.open.0.take() {
            // If the connection is closed, everything has ended.
            if handle.cancel(None).await.is_ok() {
                self.ended.cancelled().await;
            }
        }
    }
}

/// Takes a request back when it is dropped before the answer, as clients do.
#[derive(Debug)]
struct Open(Option<RequestHandle<RoleClient>>);

impl Drop for Open {
    fn drop(&mut self) {
        let Some(handle) = self.0.take() else {
            return;
        };
        let params = CancelledNotificationParam::new(Some(handle.id), None);
        let notification = CancelledNotification::new(params).into();
        // Its first poll puts it into the queue, behind the request; nothing waits for the rest.
        let _ = unconstrained(handle.peer.send_notification(notification)).now_or_never();
    }
}

/// A call of a tool that runs: [`TestClient::start`](super::TestClient::start).
///
/// `.await` gives the result. A running call that is dropped is taken back, as by [`cancel`](Self::cancel).
///
/// ```
/// use mcp_runtime::{Context, Server, handlers, testing::TestClient, tool};
///
/// /// Digs for ever.
/// #[tool]
/// async fn dig(ctx: Context) {
///     ctx.progress(1, 2, "half").await;
///     std::future::pending().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let server = Server::new("example", "1.0.0").add(handlers![dig]);
/// let client = TestClient::connect(server).await;
/// let mut call = client.start("dig", ()).await;
/// assert_eq!(call.next_progress().await.unwrap().done, 1.0);
/// call.cancel().await; // the handler is gone now
/// # client.close().await;
/// # }
/// ```
#[must_use = "a call that is dropped is taken back"]
pub struct RunningCall {
    pub(super) request: Request,
    pub(super) wraps: bool,
}

impl RunningCall {
    /// Waits for the next step that the server tells about the call; `None` if the call has ended.
    pub async fn next_progress(&mut self) -> Option<Progress> {
        self.request.next_step().await
    }

    /// Waits for the next chunk of text that the tool streams: the next step that has a message. `None` if the call has ended.
    pub async fn next_chunk(&mut self) -> Option<String> {
        loop {
            if let Some(chunk) = self.request.next_step().await?.message {
                return Some(chunk);
            }
        }
    }

    /// Takes the call back and waits until the handler is gone.
    pub async fn cancel(self) {
        self.request.cancel().await;
    }

    /// The result, or the error with which the server refused the call.
    ///
    /// # Errors
    ///
    /// An error of the protocol, such as that of a tool that does not exist.
    pub async fn result(self) -> Result<ToolResult, ProtocolError> {
        let (received, progress) = self.request.reply().await?;
        Ok(ToolResult {
            received,
            progress,
            wraps: self.wraps,
        })
    }
}

impl IntoFuture for RunningCall {
    type Output = ToolResult;
    type IntoFuture = Pin<Box<dyn Future<Output = ToolResult> + Send>>;

    /// The result.
    ///
    /// # Panics
    ///
    /// If the server refuses the call.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (caller, what) = (self.request.caller, self.request.what.clone());
            match self.result().await {
                Ok(result) => result,
                Err(error) => refused(&what, &error, caller),
            }
        })
    }
}

impl fmt::Debug for RunningCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningCall")
            .field("tool", &self.request.what)
            .field("progress", &self.request.told)
            .finish_non_exhaustive()
    }
}

/// A result of rmcp as JSON; all of them have one.
pub(super) fn json(result: &ServerResult) -> Value {
    serde_json::to_value(result).unwrap_or_default()
}

/// Ends a test whose request was refused.
pub(super) fn refused(what: &str, error: &ProtocolError, caller: Caller) -> ! {
    let data = error.data.as_ref();
    let data = data.map(|data| format!("\n{data:#}")).unwrap_or_default();
    panic!("{what} was refused: {error}{data}\nasked for at {caller}")
}

fn received<E>(
    answer: Result<Result<ServerResult, ServiceError>, E>,
) -> Result<ServerResult, ServiceError> {
    answer.unwrap_or(Err(ServiceError::TransportClosed))
}

fn broken(error: &ServiceError, caller: Caller) -> ! {
    panic!("the connection broke: {error}\nasked for at {caller}")
}
