//! Questions to the client of a session over HTTP: they go out on the stream of the call that asks, and the answers come in
//! another request.

use std::{fmt, time::Duration};

use serde_json::{Map, Value};
use tokio::{sync::oneshot, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{super::outbox::Inquiry, Feed};
use crate::AskError;

/// Where the questions of a call wait for their answers.
pub(crate) trait Back: fmt::Debug + Send + Sync {
    /// Notes a question. Returns the line that asks it, none if it cannot be answered any more.
    fn ask(&self, inquiry: Inquiry) -> Vec<u8>;

    /// Forgets the questions for which nobody waits. Returns the lines that say so.
    fn withdraw(&self) -> Vec<u8>;
}

impl Feed {
    /// Asks the client, and waits for its answer for as long as `limit`. `cancel` says that the client has taken the call back.
    pub(crate) async fn ask(
        &self,
        method: &'static str,
        params: Map<String, Value>,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Value, AskError> {
        let Some(back) = &self.back else {
            return Err(AskError::failed("there is no way back from the client"));
        };
        let (asker, answer) = oneshot::channel();
        let inquiry = Inquiry {
            method,
            params,
            asker,
        };
        self.room().await;
        self.write_all(&back.ask(inquiry));
        let mut waiting = Waiting {
            feed: self,
            back: &**back,
            answer: Some(answer),
            cancel,
        };
        let answer = timeout(limit, waiting.answer()).await;
        let answer = answer.map_err(|_| AskError::TimedOut)?;
        waiting.answer = None;
        answer
    }

    fn write_all(&self, lines: &[u8]) {
        let lines = lines.split(|byte| *byte == b'\n');
        for line in lines.filter(|line| !line.is_empty()) {
            self.write(line);
        }
    }
}

/// Waits for the answer to a question. Dropped before it comes, it takes the question back.
struct Waiting<'a> {
    feed: &'a Feed,
    back: &'a dyn Back,
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
        // First the receiver: by its end it is known which question is meant.
        if self.answer.take().is_some() {
            let lines = self.back.withdraw();
            if !self.cancel.is_cancelled() {
                self.feed.write_all(&lines);
            }
        }
    }
}
