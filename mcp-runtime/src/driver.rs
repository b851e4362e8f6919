//! Runs one call: a panic, a deadline and a client that goes away all end it here.

use std::{
    any::Any,
    collections::BTreeMap,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
};

use tokio::time::sleep_until;

use crate::{
    Call, CallError, Context,
    context::InputRequest,
    handlers::{CallFuture, Run},
};

/// Questions by their keys.
pub(crate) type Requests = BTreeMap<String, InputRequest>;

/// How a call ended.
#[derive(Debug)]
pub(crate) enum Ended<R> {
    /// The handler answered, or its deadline passed.
    Answered(Result<R, CallError>),
    /// The handler panicked, with this message.
    Panicked(String),
    /// The handler waits for answers: it is dropped, and runs again when the client has them.
    Asks(Requests),
    /// The client took the request back: nobody waits for an answer.
    Cancelled,
}

/// Runs a handler to its end. The first poll happens before any timer or cancellation is looked at, so that a handler
/// that is ready at once costs neither.
pub(crate) async fn drive<R>(run: &Run<R>, call: Call, context: &Context) -> Ended<R> {
    if context.is_cancelled() {
        return Ended::Cancelled;
    }
    // The call also ends where nobody waits for the end of this function.
    let ending = context.ending();
    let ended = match catch_unwind(AssertUnwindSafe(|| context.within(|| run(call)))) {
        Ok(future) => attend(future, context).await,
        Err(panic) => Ended::Panicked(message(&*panic)),
    };
    drop(ending);
    if !matches!(ended, Ended::Cancelled) && context.has_told() {
        // In a box, because it is large, and few calls need it.
        Box::pin(context.finish(matches!(ended, Ended::Panicked(_)))).await;
    }
    ended
}

/// Runs what a handler has begun.
async fn attend<R>(mut future: CallFuture<R>, context: &Context) -> Ended<R> {
    let ended = tokio::select! {
        biased;
        ended = contained(&mut future, context) => ended,
        () = context.cancelled() => Ended::Cancelled,
        error = deadline(context) => Ended::Answered(Err(error)),
        error = context.reporting() => Ended::Answered(Err(error)),
    };
    context.end();
    // What a handler holds may panic when it is dropped; the answer stands nevertheless.
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(future))) {
        tracing::error!(
            panic = message(&*panic),
            "a handler panicked while it was dropped"
        );
    }
    ended
}

async fn contained<R>(future: &mut CallFuture<R>, context: &Context) -> Ended<R> {
    poll_fn(|cx| {
        match catch_unwind(AssertUnwindSafe(|| {
            context.within(|| future.as_mut().poll(cx))
        })) {
            Ok(Poll::Pending) => match context.suspend(cx.waker()) {
                Some(requests) => Poll::Ready(Ended::Asks(requests)),
                None => Poll::Pending,
            },
            Ok(Poll::Ready(answer)) => Poll::Ready(Ended::Answered(answer)),
            Err(panic) => Poll::Ready(Ended::Panicked(message(&*panic))),
        }
    })
    .await
}

/// The error of a call whose deadline has passed; without a deadline it never comes.
async fn deadline(context: &Context) -> CallError {
    let (Some(timeout), Some(mut deadline)) = (context.timeout(), context.moved_deadline()) else {
        return std::future::pending().await;
    };
    loop {
        sleep_until(deadline).await;
        match context.later_deadline() {
            Some(later) => deadline = later,
            None => return CallError::timed_out(timeout),
        }
    }
}

/// The words of a panic.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
