//! Tasks of a call, which do not outlive it.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::task::{AbortHandle, JoinHandle};
use tracing::Instrument;

use super::Context;

impl Context {
    /// Runs a future in a task of its own, beside the handler, until the call ends: it is aborted then, whatever the end is.
    ///
    /// In the task, [`Context::current`] is this context, and what it tells `tracing` belongs to the call. A panic in it is
    /// an error of the handle that is returned. A context without a client, [`Context::detached`], ends nothing.
    ///
    /// ```
    /// use mcp_runtime::{CallError, Context, tool};
    ///
    /// /// Adds up two halves.
    /// #[tool]
    /// async fn sum(ctx: Context, numbers: Vec<i64>) -> Result<i64, CallError> {
    ///     let (left, right) = numbers.split_at(numbers.len() / 2);
    ///     let right = right.to_vec();
    ///     let right = ctx.spawn(async move { right.iter().sum::<i64>() });
    ///     Ok(left.iter().sum::<i64>() + right.await?)
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let task = tokio::spawn(self.clone().around(future).in_current_span());
        let reports = &self.0.reports;
        reports.tasks.add(task.abort_handle());
        if reports.is_ended() {
            reports.tasks.abort();
        }
        task
    }
}

/// The tasks of a call.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    any: AtomicBool,
    handles: Mutex<Vec<AbortHandle>>,
}

impl Tasks {
    fn add(&self, task: AbortHandle) {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        if handles.len() == handles.capacity() {
            handles.retain(|task| !task.is_finished());
        }
        handles.push(task);
        drop(handles);
        // In one order with the end of the call: either it finds the task, or whoever adds the task finds the end.
        self.any.store(true, Ordering::SeqCst);
    }

    pub(super) fn abort(&self) {
        if self.any.load(Ordering::SeqCst) {
            let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
            handles.drain(..).for_each(|task| task.abort());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_of_an_ended_call_is_aborted() {
        let context = Context::detached();
        let before = context.spawn(std::future::pending::<()>());
        context.end();
        assert!(before.await.unwrap_err().is_cancelled());
        let after = context.spawn(std::future::pending::<()>());
        assert!(after.await.unwrap_err().is_cancelled());
    }

    #[tokio::test]
    async fn tasks_that_have_ended_are_forgotten() {
        let context = Context::detached();
        for _ in 0..1000 {
            context.spawn(async {}).await.unwrap();
        }
        let handles = context.0.reports.tasks.handles.lock().unwrap();
        assert!(handles.len() < 10, "{}", handles.len());
    }
}
