//! Chunks of text: told while the handler runs, and the beginning of its result.

use std::{
    future::pending,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::Context;
use crate::{CallError, refusal};

impl Context {
    /// Adds a chunk of text to what the handler answers.
    ///
    /// A client that asked for progress gets it at once, as the message of a step; chunks that follow each other too fast are
    /// joined. The result begins with all chunks, joined to one text, also for a client that did not ask: what the handler
    /// returns stands behind it. An error stands behind it, too, if a tool fails with one.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use mcp_runtime::{Context, Server, handlers, testing::TestClient, tool};
    ///
    /// /// Reads a poem.
    /// #[tool]
    /// async fn poem(ctx: Context) {
    ///     for line in ["Roses are red,\n", "violets are blue.\n"] {
    ///         ctx.emit(line).await;
    ///     }
    /// }
    ///
    /// let client = TestClient::connect(Server::new("example", "1.0.0").add(handlers![poem])).await;
    /// assert_eq!(client.call("poem", ()).await.text(), "Roses are red,\nviolets are blue.\n");
    /// # }
    /// ```
    ///
    /// Steps of [`progress`](Self::progress) may stand in between. A call that emits more than
    /// [`Server::max_result_bytes`](crate::Server::max_result_bytes) is ended with an error. After the end of the call,
    /// nothing is added.
    pub async fn emit(&self, chunk: impl Into<String>) {
        let chunk = chunk.into();
        let reports = &self.0.reports;
        if chunk.is_empty() || reports.is_ended() {
            return;
        }
        // Nobody reads the result of a plain function here.
        if self.0.service.is_some() && !reports.chunks.push(&chunk) {
            reports.wake_driver();
            return pending().await;
        }
        self.show(&chunk, "").await;
    }

    /// Tells a chunk without adding it to the result. `separator` stands between it and another one that waits.
    pub(crate) async fn show(&self, chunk: &str, separator: &str) {
        if self.0.reports.has_token() {
            let due = self.0.reports.note(|steps| steps.chunk(chunk, separator));
            self.sent(due).await;
        }
    }

    /// Whether the client is shown what the handler does.
    pub(crate) fn is_watched(&self) -> bool {
        self.0.reports.has_token()
    }

    /// The most that the result may hold, in bytes.
    pub(crate) fn limit(&self) -> usize {
        self.0.reports.chunks.limit
    }

    /// All chunks of an ended call.
    ///
    /// # Errors
    ///
    /// If there are too many.
    pub(crate) fn emitted(&self) -> Result<Option<String>, CallError> {
        self.0.reports.chunks.take()
    }
}

/// The chunks of a call.
#[derive(Debug)]
pub(super) struct Chunks {
    limit: usize,
    any: AtomicBool,
    too_many: AtomicBool,
    text: Mutex<String>,
}

impl Chunks {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            any: AtomicBool::new(false),
            too_many: AtomicBool::new(false),
            text: Mutex::default(),
        }
    }

    /// Adds a chunk; `false` if there is no room.
    fn push(&self, chunk: &str) -> bool {
        let mut text = self.text();
        if self.too_many.load(Ordering::Relaxed) || chunk.len() > self.limit - text.len() {
            self.too_many.store(true, Ordering::Release);
            *text = String::new();
            return false;
        }
        text.push_str(chunk);
        self.any.store(true, Ordering::Release);
        true
    }

    fn take(&self) -> Result<Option<String>, CallError> {
        if self.are_too_many() {
            return Err(self.refusal());
        }
        let any = self.any.load(Ordering::Acquire);
        Ok(any.then(|| std::mem::take(&mut *self.text())))
    }

    pub(super) fn are_too_many(&self) -> bool {
        self.too_many.load(Ordering::Acquire)
    }

    /// The error of a call with too many chunks.
    pub(super) fn refusal(&self) -> CallError {
        refusal::too_large(self.limit)
    }

    fn text(&self) -> MutexGuard<'_, String> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_in_order() {
        let chunks = Chunks::new(6);
        assert_eq!(chunks.take().unwrap(), None);
        assert!(chunks.push("ab") && chunks.push("cdef"));
        assert_eq!(chunks.take().unwrap().as_deref(), Some("abcdef"));
    }

    #[test]
    fn a_chunk_over_the_limit_ends_it_for_good() {
        let chunks = Chunks::new(5);
        assert!(chunks.push("abc"));
        assert!(!chunks.push("def"));
        assert!(!chunks.push("d"));
        assert!(chunks.are_too_many());
        assert!(chunks.take().unwrap_err().to_string().contains("5 bytes"));
    }

    #[tokio::test]
    async fn a_plain_function_may_emit_without_an_end() {
        let context = Context::detached();
        context.emit("a".repeat(1 << 20)).await;
        assert_eq!(context.emitted().unwrap(), None);
    }
}
