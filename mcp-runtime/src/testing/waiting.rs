//! Waiting for what a server says without being asked.

use std::{future::Future, panic::Location, sync::PoisonError};

use super::{
    Notification, Question, TestClient,
    capture::{Told, Wait},
    request::Caller,
};

impl TestClient {
    /// Waits for the next notification with this method, such as `notifications/tools/list_changed`: the first one that this
    /// method has not given yet, be it that it was sent already.
    ///
    /// # Panics
    ///
    /// If it does not come in time, with all that came: see [`TestOptions::patience`](super::TestOptions::patience).
    #[track_caller]
    pub fn next_notification(&self, method: &str) -> impl Future<Output = Notification> + Send {
        let caller = Location::caller();
        let method = method.to_owned();
        async move {
            let what = format!("`{method}`");
            let wait = self.wait(&what, caller);
            let pick = |told: &Told| {
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                let seen = seen.notifications.entry(method.clone()).or_default();
                let rest = told.notifications.iter().enumerate().skip(*seen);
                let (at, next) = rest.into_iter().find(|(_, one)| one.method == method)?;
                *seen = at + 1;
                Some(next.clone())
            };
            self.line.log.wait(&wait, pick).await
        }
    }

    /// Waits for the next question: the first one that this method has not given yet, be it that it was answered already.
    ///
    /// # Panics
    ///
    /// If it does not come in time, with all that came: see [`TestOptions::patience`](super::TestOptions::patience).
    #[track_caller]
    pub fn next_question(&self) -> impl Future<Output = Question> + Send {
        let wait = self.wait("a question", Location::caller());
        async move {
            let pick = |told: &Told| {
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                let question = told.questions.get(seen.questions)?.clone();
                seen.questions += 1;
                Some(question)
            };
            self.line.log.wait(&wait, pick).await
        }
    }

    pub(super) fn wait<'a>(&self, what: &'a str, caller: Caller) -> Wait<'a> {
        Wait {
            what,
            patience: self.patience,
            caller,
        }
    }
}
