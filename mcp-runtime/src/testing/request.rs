//! A request on its way, and [`RunningCall`], which is one that a test holds in its hands.

use std::{
    fmt,
    future::{Future, IntoFuture},
    mem,
    panic::Location,
    pin::Pin,
    sync::Arc,
};

use rmcp::model::RequestId;
use serde_json::{Value, value::RawValue};
use tokio::sync::oneshot;

use super::{
    Progress, ProtocolError, ToolResult,
    capture::{Mark, Steps},
    line::{Answer, Line},
    result::Received,
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
    open: Open,
    /// `None` if it has come.
    coming: Option<oneshot::Receiver<Answer>>,
    answer: Option<Answer>,
    begun: Mark,
    steps: Steps,
    told: Vec<Progress>,
    caller: Caller,
}

impl Request {
    /// Sends a request; `write` makes the message of an id, which is the token of its progress, too.
    pub(super) fn send(
        line: &Arc<Line>,
        what: String,
        caller: Caller,
        write: impl FnOnce(&RequestId) -> Vec<u8>,
    ) -> Self {
        line.log.check(caller);
        let begun = line.log.mark();
        let id = line.id();
        let Some(coming) = line.ask(&id, write(&id)) else {
            closed(caller)
        };
        let token = serde_json::to_value(&id).unwrap_or_default();
        Self {
            what,
            open: Open::new(line, id),
            coming: Some(coming),
            answer: None,
            begun,
            steps: line.log.steps(token, begun),
            told: Vec::new(),
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
            self.open.line.log.check(self.caller);
            let coming = self.coming.as_mut()?;
            tokio::select! {
                biased;
                () = self.steps.changed() => {}
                answer = coming => {
                    self.answer = answer.ok();
                    self.coming = None;
                }
            }
        }
    }

    /// The answer.
    ///
    /// # Panics
    ///
    /// If there is none because the connection broke.
    pub(super) async fn reply(&mut self) -> Reply {
        // The last step is followed by the answer.
        while self.next_step().await.is_some() {}
        let Some(Answer { outcome, rounds }) = self.answer.take() else {
            closed(self.caller)
        };
        let outcome = outcome?;
        let told = self.open.line.log.since(self.begun);
        let received = Received::new(mem::take(&mut self.what), outcome, rounds, told);
        Ok((received, mem::take(&mut self.told)))
    }

    /// Takes the request back and waits for its end.
    async fn cancel(self) {
        self.open.end().await;
    }
}

/// Takes a request back when it is dropped before the answer, as clients do.
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
        coming: impl Future<Output = Result<Answer, oneshot::error::RecvError>>,
        caller: Caller,
    ) -> Result<Value, ProtocolError> {
        tokio::select! {
            biased;
            answer = coming => match answer {
                Ok(answer) => Ok(json(&answer.outcome?)),
                Err(_) => closed(caller),
            },
            failed = self.line.log.failed(caller) => match failed {},
        }
    }

    /// Takes it back, unless it was answered, and waits until the server has let go of it.
    pub(super) async fn end(&self) {
        if let Some(left) = self.line.take_back(&self.id) {
            // If the connection is closed, everything has ended.
            let _ = left.await;
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = self.line.take_back(&self.id);
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
    pub async fn result(mut self) -> Result<ToolResult, ProtocolError> {
        self.take_result().await
    }

    /// The result, which the server must not refuse.
    pub(super) async fn expected(&mut self) -> ToolResult {
        match self.take_result().await {
            Ok(result) => result,
            Err(error) => refused(&self.request.what, &error, self.request.caller),
        }
    }

    async fn take_result(&mut self) -> Result<ToolResult, ProtocolError> {
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
    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move { self.expected().await })
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

/// A result as JSON.
pub(super) fn json(result: &RawValue) -> Value {
    serde_json::from_str(result.get()).unwrap_or_default()
}

/// Ends a test whose request was refused.
pub(super) fn refused(what: &str, error: &ProtocolError, caller: Caller) -> ! {
    let data = error.data.as_ref();
    let data = data.map(|data| format!("\n{data:#}")).unwrap_or_default();
    panic!("{what} was refused: {error}{data}\nasked for at {caller}")
}

pub(super) fn closed(caller: Caller) -> ! {
    panic!("the connection is closed\nasked for at {caller}")
}
