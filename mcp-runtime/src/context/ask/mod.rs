//! Asking the client: one style for all revisions of the protocol.
//!
//! A session is asked in place: the handler waits while the question is open. Without sessions the handler is
//! dropped at a question, the client gets a `round` of questions with a sealed `journal`, and calls again with both; the
//! handler runs again from its start and finds the answers that are there (`record`). What a question is stands in
//! `question` and `form`; what a context holds for all of this stands in `asking`.

mod asking;
mod clock;
mod error;
mod form;
mod journal;
mod once;
mod peer;
mod question;
mod record;
mod roots;
mod round;
mod sampling;

pub(crate) use asking::{ASK_TIMEOUT, Asking, Parent};
pub use error::AskError;
pub(crate) use error::is_masked;
pub(crate) use form::check_form;
pub(crate) use peer::{ask as over_peer, input_request};
pub(crate) use question::InputRequest;
pub use roots::Root;
pub(crate) use round::Round;
pub use sampling::{Sample, Sampling};

use std::{
    fmt,
    pin::Pin,
    task::{self, Poll},
};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use self::{
    clock::Held,
    journal::Print,
    question::{Question, Read},
    round::MAX_ROUNDS,
};
use super::Context;

/// A question, which is asked by `.await`.
///
/// Made by [`Context::elicit`] and its like. Questions that are made before the first of them is awaited are put to the
/// client together, as those of `join!` are.
#[must_use = "the answer comes with `.await`"]
pub struct Ask<T>(Pin<Box<dyn Future<Output = Result<T, AskError>> + Send>>);

impl Context {
    /// Asks the user to fill in a form: `T` is a struct with a field for each thing to fill in, or `()` for nothing but
    /// consent.
    ///
    /// Before 2026-07-28, the handler waits here until the user has answered. Since then the call ends here, the client
    /// makes it again with the answer, and the handler runs from its start once more: what stands before a question runs
    /// again with every round, so do what must happen only once within [`once`](Self::once). The `key` tells the questions
    /// of one call apart and must be the same in every round.
    ///
    /// The fields are texts, numbers, booleans, enums without data, lists of such enums, and `Option`s of them. An answer
    /// that does not fit the type is asked again.
    ///
    /// ```
    /// use mcp_runtime::{CallError, Context, schemars::JsonSchema, serde::Deserialize, tool};
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// # #[serde(crate = "mcp_runtime::serde")]
    /// # #[schemars(crate = "mcp_runtime::schemars")]
    /// struct Seat {
    ///     /// At the window?
    ///     window: bool,
    /// }
    ///
    /// /// Books a seat.
    /// #[tool]
    /// async fn book(ctx: Context) -> Result<String, CallError> {
    ///     let seat: Seat = ctx.elicit("seat", "Which seat?").await?;
    ///     Ok(if seat.window { "12 A" } else { "12 C" }.to_owned())
    /// }
    /// ```
    pub fn elicit<T>(&self, key: impl Into<String>, message: impl Into<String>) -> Ask<T>
    where
        T: JsonSchema + DeserializeOwned + Send + 'static,
    {
        self.ask(key.into(), Question::form(&message.into()))
    }

    /// Asks the user to visit a page: for what must not pass through the client, such as a password or a payment.
    ///
    /// The answer says that the user went there, not that he has done anything. The URL must not hold anything secret, and
    /// what happens there must check that the visitor is the one who made the call. For `key` and for what happens
    /// meanwhile see [`elicit`](Self::elicit).
    ///
    /// ```
    /// use mcp_runtime::{CallError, Context, tool};
    ///
    /// /// Pays an invoice.
    /// #[tool]
    /// async fn pay(ctx: Context, invoice: u64) -> Result<(), CallError> {
    ///     let url = format!("https://pay.example.com/invoices/{invoice}");
    ///     ctx.elicit_url("pay", "Please pay the invoice.", url).await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn elicit_url(
        &self,
        key: impl Into<String>,
        message: impl Into<String>,
        url: impl Into<String>,
    ) -> Ask<()> {
        self.ask(key.into(), Question::url(&message.into(), &url.into()))
    }

    /// Has the model of the client write a text.
    #[deprecated(note = "the protocol has deprecated sampling: call a model of your own")]
    pub fn sample(&self, key: impl Into<String>, sampling: impl Into<Sampling>) -> Ask<Sample> {
        self.ask(key.into(), Ok(Question::sampling(&sampling.into())))
    }

    /// Asks for the folders that the user works in. Its key is `roots`.
    #[deprecated(note = "the protocol has deprecated roots: take folders as arguments")]
    pub fn list_roots(&self) -> Ask<Vec<Root>> {
        self.ask("roots".into(), Ok(Question::roots()))
    }

    fn ask<T: Send + 'static>(
        &self,
        key: String,
        question: Result<Question<T>, AskError>,
    ) -> Ask<T> {
        let asked = question.and_then(|question| self.begin(self.whole_key(key), question));
        asked.unwrap_or_else(|error| Ask::ready(Err(error)))
    }

    fn begin<T: Send + 'static>(
        &self,
        key: String,
        question: Question<T>,
    ) -> Result<Ask<T>, AskError> {
        let Question {
            ability,
            request,
            read,
        } = question;
        if !ability.is_declared(&self.0.caller.client.capabilities) {
            let capability = ability.path();
            return Err(AskError::Unavailable { capability });
        }
        let record = self.record();
        if self.has_ended() {
            return Err(AskError::Ended);
        }
        let claim = record.claim(&key, &request)?;
        for answer in claim.candidates {
            if let Some(outcome) = read(&answer) {
                record.accept(&key, claim.print, answer);
                return Ok(Ask::ready(outcome));
            }
        }
        let context = self.clone();
        let print = claim.print;
        if self.0.caller.version.has_initialize() {
            let request = request.in_session();
            return Ok(Ask(Box::pin(in_place(context, key, request, print, read))));
        }
        record.open(&key, request);
        Ok(Ask(Box::pin(in_rounds(Open { context, key }))))
    }
}

impl<T: Send + 'static> Ask<T> {
    fn ready(outcome: Result<T, AskError>) -> Self {
        Self(Box::pin(std::future::ready(outcome)))
    }
}

impl<T> Future for Ask<T> {
    type Output = Result<T, AskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        if once::is_running() {
            let problem =
                "a question within `once`: the handler would be dropped before `once` is done";
            return Poll::Ready(Err(AskError::misused(problem)));
        }
        self.0.as_mut().poll(cx)
    }
}

impl<T> fmt::Debug for Ask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").finish_non_exhaustive()
    }
}

/// Waits for the end of the round: the driver drops the handler at this question.
async fn in_rounds<T>(open: Open) -> Result<T, AskError> {
    // The driver sees it anyway, unless this is another task than that of the handler.
    open.context.wake_driver();
    open.context.record().ended.cancelled().await;
    Err(AskError::Ended)
}

/// A question of a round that somebody waits for.
struct Open {
    context: Context,
    key: String,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.context.record().close(&self.key);
    }
}

/// Asks in place, again if the answer is none.
async fn in_place<T>(
    context: Context,
    key: String,
    request: InputRequest,
    print: Print,
    read: Read<T>,
) -> Result<T, AskError> {
    let _held = Held::new(&context);
    let ended = &context.record().ended;
    for _ in 0..MAX_ROUNDS {
        let caller = &context.0.caller;
        let (limit, cancel) = (context.ask_timeout(), caller.cancel.token());
        let answer = tokio::select! {
            answer = caller.sink.ask(&request, &key, limit, cancel) => answer?,
            () = ended.cancelled() => return Err(AskError::Ended),
        };
        if let Some(outcome) = read(&answer) {
            context.record().accept(&key, print, answer);
            return outcome;
        }
    }
    let reason = "none of the answers fits the question";
    Err(AskError::failed(reason))
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, task::Waker};

    use futures_util::FutureExt as _;
    use rmcp::model::{ClientCapabilities, ElicitationCapability};

    use super::*;
    use crate::context::{Caller, Client};

    fn context(asking: Asking) -> Context {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(ElicitationCapability::default());
        let client = Client {
            info: None,
            capabilities,
            ..Client::default()
        };
        let caller = Caller {
            client: Arc::new(client),
            ..Caller::detached()
        };
        Context::new(caller.into(), None, Arc::default(), None, asking)
    }

    #[test]
    fn a_call_that_is_a_part_of_another_one_asks_through_it() {
        let outer = context(Asking::default());
        let inner = context(Asking::nested(Parent::new(&outer, "inner/".into())));
        let mut ask = inner.elicit::<()>("sure", "Sure?");
        let mut own = outer.elicit::<()>("sure", "Sure of it all?");
        assert!((&mut ask).now_or_never().is_none());
        assert!(inner.suspend(Waker::noop()).is_none());
        let asked = outer.suspend(Waker::noop()).unwrap();
        assert_eq!(asked.keys().collect::<Vec<_>>(), ["inner/sure", "sure"]);
        assert_eq!(
            inner.idempotency_key(),
            format!("inner/{}", outer.idempotency_key())
        );
        inner.end();
        let late = inner.elicit::<()>("late", "Sure?").now_or_never();
        assert_eq!(late, Some(Err(AskError::Ended)));
        assert!((&mut own).now_or_never().is_none());
        outer.end();
        assert_eq!(own.now_or_never(), Some(Err(AskError::Ended)));
        assert_eq!(ask.now_or_never(), Some(Err(AskError::Ended)));
    }

    #[test]
    fn a_call_that_asks_nothing_remembers_nothing() {
        let context = context(Asking::default());
        assert!(context.suspend(Waker::noop()).is_none());
        context.end();
        assert!(!context.0.asking.is_used());
    }
}
