//! A handler that runs again within one request, because a layer around it retries.

use std::sync::Arc;

use super::Context;

impl Context {
    /// The same request is run again: the client is not told again what it was told by the run `before`, and neither asked again
    /// what it has answered.
    pub(crate) fn again(&mut self, before: &Self) {
        let Some(shared) = Arc::get_mut(&mut self.0) else {
            return;
        };
        shared.asking.again(&before.0.asking);
        shared.reports.again(&before.0.reports);
    }
}
