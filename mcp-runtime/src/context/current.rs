//! The context of the call that is being run, for code that is not handed it.

use tokio::task_local;

use super::Context;

task_local! {
    static CURRENT: Context;
}

impl Context {
    /// The context of the call in whose handler this is called: for code that a handler calls and that has no parameter for
    /// it. There is none outside of a handler, and none in tasks other than those of [`spawn`](Self::spawn).
    ///
    /// ```
    /// use mcp_runtime::{Context, tool};
    ///
    /// async fn fetch(page: u32) {
    ///     if let Some(ctx) = Context::current() {
    ///         ctx.progress(page, 10, "fetching").await;
    ///     }
    /// }
    ///
    /// /// Fetches everything.
    /// #[tool]
    /// async fn fetch_all() {
    ///     for page in 1..=10 {
    ///         fetch(page).await;
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs a piece of the handler, with this context as the current one.
    pub(crate) fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self.clone(), run)
    }

    /// A future with this context as the current one.
    pub(super) fn around<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_the_current_one_within_itself_only() {
        assert!(Context::current().is_none());
        let (outer, inner) = (Context::detached(), Context::detached());
        let current = || Context::current().map(|context| std::sync::Arc::as_ptr(&context.0));
        let of = |context: &Context| Some(std::sync::Arc::as_ptr(&context.0));
        outer.within(|| {
            assert_eq!(current(), of(&outer));
            inner.within(|| assert_eq!(current(), of(&inner)));
            assert_eq!(current(), of(&outer));
        });
        assert!(Context::current().is_none());
    }
}
