//! Whether what a call comes to may be given to other calls.

use std::sync::atomic::Ordering;

use super::Context;

impl Context {
    /// Notes that what the call comes to is for it alone.
    pub(crate) fn note_personal(&self) {
        self.0.caller.personal.store(true, Ordering::Release);
    }

    /// Whether what the call has come to is for it alone.
    pub(crate) fn is_personal(&self) -> bool {
        self.0.caller.personal.load(Ordering::Acquire)
    }

    /// Whether the call goes on with what the client brings of an earlier round.
    pub(crate) fn is_resumed(&self) -> bool {
        let resumed = &self.0.caller.resumed;
        resumed.state.is_some() || !resumed.answers.is_empty()
    }
}
