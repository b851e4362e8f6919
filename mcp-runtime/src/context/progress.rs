//! Progress notifications: only for a client that asked, only upwards, and nothing after the end.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use rmcp::model::{ProgressNotificationParam, ProgressToken};

/// How far a call has got.
#[derive(Debug)]
pub(crate) struct Progress {
    token: Option<ProgressToken>,
    last: Mutex<Option<f64>>,
    ended: AtomicBool,
}

impl Progress {
    pub(crate) fn new(token: Option<ProgressToken>) -> Self {
        Self {
            token,
            last: Mutex::default(),
            ended: AtomicBool::new(false),
        }
    }

    /// After this nothing is reported, whoever still holds the context.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// The notification to send, if there is one: the client gave a token, the call still runs, and `done` is more than before.
    pub(crate) fn step(
        &self,
        done: f64,
        total: Option<f64>,
        message: String,
    ) -> Option<ProgressNotificationParam> {
        let token = self.token.as_ref()?;
        if self.ended.load(Ordering::Acquire) || !done.is_finite() {
            return None;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| done <= last) {
            return None;
        }
        *last = Some(done);
        let mut param = ProgressNotificationParam::new(token.clone(), done);
        if let Some(total) = total.filter(|total| total.is_finite()) {
            param = param.with_total(total);
        }
        if !message.is_empty() {
            param = param.with_message(message);
        }
        Some(param)
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::NumberOrString;

    use super::*;

    fn progress() -> Progress {
        Progress::new(Some(ProgressToken(NumberOrString::Number(1))))
    }

    #[test]
    fn nothing_is_reported_to_a_client_that_did_not_ask() {
        assert!(Progress::new(None).step(1.0, None, String::new()).is_none());
    }

    #[test]
    fn progress_only_goes_up() {
        let progress = progress();
        assert!(progress.step(2.0, Some(3.0), "two".into()).is_some());
        for done in [2.0, 1.0, f64::NAN, f64::INFINITY] {
            assert!(progress.step(done, None, String::new()).is_none(), "{done}");
        }
        assert!(progress.step(2.5, None, String::new()).is_some());
    }

    #[test]
    fn nothing_is_reported_after_the_end() {
        let progress = progress();
        progress.end();
        assert!(progress.step(1.0, None, String::new()).is_none());
    }
}
