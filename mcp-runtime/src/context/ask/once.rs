//! [`Context::once`]: what happens once, however often the handler runs.

use std::{
    cell::Cell,
    convert::Infallible,
    pin::{Pin, pin},
    task::{self, Poll},
};

use serde::{Serialize, de::DeserializeOwned};

use super::super::Context;

impl Context {
    /// Does something once, although the handler runs again with every round of questions: later rounds get the result of
    /// the first.
    ///
    /// A `future` that has begun is finished before the handler is dropped for a question. It must not ask itself. The
    /// result travels with the client until the call is made again, sealed, so that a client that makes the same call
    /// anew, or loses the answer, has it done again: where that must not happen, give
    /// [`idempotency_key`](Self::idempotency_key) to whoever does it. The `key` is unique among those of the call.
    ///
    /// ```
    /// # use mcp_runtime::{CallError, Context, tool};
    /// # async fn charge(amount: u32, key: String) -> u64 { 7 }
    /// /// Orders, and asks where to.
    /// #[tool]
    /// async fn order(ctx: Context, amount: u32) -> Result<u64, CallError> {
    ///     let receipt = ctx.once("charge", charge(amount, ctx.idempotency_key())).await;
    ///     ctx.elicit::<()>("deliver", "It is paid. Deliver it?").await?;
    ///     Ok(receipt)
    /// }
    /// ```
    pub async fn once<T, F>(&self, key: impl Into<String>, future: F) -> T
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = T>,
    {
        let future = async { Ok::<T, Infallible>(future.await) };
        let Ok(result) = self.try_once(key, future).await;
        result
    }

    /// Does something that can fail once: as [`once`](Self::once), but an `Err` is not remembered, and the next round
    /// tries again.
    ///
    /// # Errors
    ///
    /// The error of `future`.
    pub async fn try_once<T, E, F>(&self, key: impl Into<String>, future: F) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, E>>,
    {
        let key = self.whole_key(key.into());
        if let Some(result) = self.done(&key) {
            return Ok(result);
        }
        let running = Running::new(self);
        let outcome = Within(pin!(future)).await;
        if let Ok(result) = &outcome {
            match serde_json::to_value(result) {
                Ok(result) => self.record().remember(&key, result),
                Err(error) => tracing::error!(key, %error, "the result of `once` cannot be kept"),
            }
        }
        drop(running);
        outcome
    }

    /// A text that is the same in every round of one call, and differs from call to call: for services that do one thing
    /// once for one key.
    #[must_use]
    pub fn idempotency_key(&self) -> String {
        self.whole_key(self.record().id())
    }

    fn done<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let result = serde_json::from_value(self.record().result(key)?);
        result
            .map_err(
                |error| tracing::error!(key, %error, "the result of `once` cannot be read back"),
            )
            .ok()
    }
}

/// Whether the current poll is one of a future that is to run once.
pub(super) fn is_running() -> bool {
    POLLED.get()
}

thread_local! {
    static POLLED: Cell<bool> = const { Cell::new(false) };
}

/// A future that is to run once.
struct Within<'a, F>(Pin<&'a mut F>);

impl<F: Future> Future for Within<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let _polled = Polled(POLLED.replace(true));
        self.0.as_mut().poll(cx)
    }
}

/// Puts back what was before, also if the future panics.
struct Polled(bool);

impl Drop for Polled {
    fn drop(&mut self) {
        POLLED.set(self.0);
    }
}

/// The handler is not dropped for a question as long as this lives.
struct Running<'a>(&'a Context);

impl<'a> Running<'a> {
    fn new(context: &'a Context) -> Self {
        context.record().begin();
        Self(context)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.record().finish();
        self.0.wake_driver();
    }
}
