//! What a server says without being asked: notifications and questions, in the order in which they were sent.

use std::{
    convert::Infallible,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde::Deserialize;
use serde_json::Value;
use tokio::{sync::watch, time::timeout};

use super::{Question, request::Caller};

/// A notification of the server.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Notification {
    /// The method, such as `notifications/progress`.
    pub method: String,
    /// The parameters; `null` if there are none.
    pub params: Value,
}

/// How far a call had got when the server said so.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// What the client gave the request to tell its progress from that of others.
    #[serde(rename = "progressToken")]
    pub token: Value,
    /// How much is done.
    #[serde(rename = "progress")]
    pub done: f64,
    /// How much there is to do, if it is known.
    pub total: Option<f64>,
    /// What is going on.
    pub message: Option<String>,
}

/// A message of the server's log.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct LogMessage {
    /// How severe it is, such as `warning`.
    pub level: String,
    /// Who says so, if it is told.
    pub logger: Option<String>,
    /// What is said: often a string.
    pub data: Value,
}

impl Notification {
    /// The notification as progress of a call, if it is one.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.read("notifications/progress")
    }

    /// The notification as a message of the server's log, if it is one.
    #[must_use]
    pub fn log(&self) -> Option<LogMessage> {
        self.read("notifications/message")
    }

    fn read<'a, T: Deserialize<'a>>(&'a self, method: &str) -> Option<T> {
        (self.method == method)
            .then(|| T::deserialize(&self.params).ok())
            .flatten()
    }
}

impl fmt::Display for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.params {
            Value::Null => f.write_str(&self.method),
            params => write!(f, "{} {params}", self.method),
        }
    }
}

/// What a server said without being asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) notifications: Vec<Notification>,
    pub(super) questions: Vec<Question>,
}

impl Told {
    /// What was said after the moment at which that much had been said.
    fn since(&self, mark: Mark) -> Self {
        let notifications = self.notifications.get(mark.notifications..);
        let questions = self.questions.get(mark.questions..);
        Self {
            notifications: notifications.unwrap_or_default().to_vec(),
            questions: questions.unwrap_or_default().to_vec(),
        }
    }
}

/// A section for each kind of things, with a line for each of them; nothing if there are none.
impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.questions.is_empty() {
            f.write_str("\n\nit asked:")?;
        }
        for question in &self.questions {
            write!(f, "\n- {question}")?;
        }
        if !self.notifications.is_empty() {
            f.write_str("\n\nit told:")?;
        }
        for notification in &self.notifications {
            write!(f, "\n- {notification}")?;
        }
        Ok(())
    }
}

/// A moment: how much had been said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    notifications: usize,
    questions: usize,
}

/// All that was said so far.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) told: Told,
    /// Why the test cannot go on.
    failure: Option<String>,
}

/// Everything that a server says without being asked.
#[derive(Debug)]
pub(super) struct Log {
    entries: watch::Sender<Entries>,
    /// Whether the test was ended because of the failure.
    reported: AtomicBool,
}

impl Log {
    pub(super) fn new() -> Self {
        Self {
            entries: watch::Sender::default(),
            reported: AtomicBool::new(false),
        }
    }

    pub(super) fn push(&self, notification: impl serde::Serialize) {
        let mut json = serde_json::to_value(notification).unwrap_or_default();
        let notification = Notification {
            method: json["method"].as_str().unwrap_or_default().to_owned(),
            params: json["params"].take(),
        };
        self.entries
            .send_modify(|entries| entries.told.notifications.push(notification));
    }

    pub(super) fn push_question(&self, question: Question) {
        self.entries
            .send_modify(|entries| entries.told.questions.push(question));
    }

    /// Ends the test, wherever it waits for the server. The first failure counts.
    pub(super) fn fail(&self, failure: String) {
        self.entries.send_modify(|entries| {
            entries.failure.get_or_insert(failure);
        });
    }

    /// Looks at all that was said so far.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Told) -> T) -> T {
        look(&self.entries.borrow().told)
    }

    pub(super) fn mark(&self) -> Mark {
        self.read(|told| Mark {
            notifications: told.notifications.len(),
            questions: told.questions.len(),
        })
    }

    pub(super) fn since(&self, mark: Mark) -> Told {
        self.read(|told| told.since(mark))
    }

    /// What will be told about the request with this token.
    pub(super) fn steps(&self, token: Value, from: Mark) -> Steps {
        Steps {
            log: self.entries.subscribe(),
            token,
            from: from.notifications,
        }
    }

    /// Ends the test here if it has failed.
    pub(super) fn check(&self, caller: Caller) {
        let failure = self.entries.borrow().failure.clone();
        if let Some(failure) = failure {
            self.reported.store(true, Ordering::Relaxed);
            panic!("{failure}\nasked for at {caller}");
        }
    }

    /// Ends the test here if it has failed, unless it was ended elsewhere.
    pub(super) fn check_last(&self, caller: Caller) {
        if !self.reported.load(Ordering::Relaxed) {
            self.check(caller);
        }
    }

    /// Ends the test here when it fails.
    pub(super) async fn failed(&self, caller: Caller) -> Infallible {
        let mut entries = self.entries.subscribe();
        loop {
            self.check(caller);
            // The sender is here: it cannot be closed.
            let _ = entries.changed().await;
        }
    }

    /// Waits for something to be said, or for the test to fail.
    pub(super) async fn wait<T>(
        &self,
        wait: &Wait<'_>,
        mut pick: impl FnMut(&Told) -> Option<T>,
    ) -> T {
        let mut entries = self.entries.subscribe();
        let searched = async {
            loop {
                let picked = pick(&entries.borrow_and_update().told);
                if let Some(picked) = picked {
                    return picked;
                }
                self.check(wait.caller);
                // The sender is here: it cannot be closed.
                let _ = entries.changed().await;
            }
        };
        match timeout(wait.patience, searched).await {
            Ok(picked) => picked,
            Err(_) => self.read(|told| wait.panic(told)),
        }
    }
}

/// What is waited for, how long, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait<'a> {
    pub(super) what: &'a str,
    pub(super) patience: Duration,
    pub(super) caller: Caller,
}

impl Wait<'_> {
    fn panic(&self, told: &Told) -> ! {
        let Self {
            what,
            patience,
            caller,
        } = self;
        panic!("{what} did not come within {patience:?}{told}\n\nwaited for at {caller}")
    }
}

/// The progress of one request, read from the log.
#[derive(Debug)]
pub(super) struct Steps {
    log: watch::Receiver<Entries>,
    token: Value,
    /// The first notification that was not looked at.
    from: usize,
}

impl Steps {
    /// The next step, if it was told already.
    pub(super) fn next(&mut self) -> Option<Progress> {
        let log = self.log.borrow_and_update();
        while let Some(notification) = log.told.notifications.get(self.from) {
            self.from += 1;
            let step = notification.progress();
            if let Some(step) = step.filter(|step| step.token == self.token) {
                return Some(step);
            }
        }
        None
    }

    /// Completes when there is something new in the log.
    pub(super) async fn changed(&mut self) {
        if self.log.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(log: &Log, token: i64, done: i64) {
        log.push(json!({
            "method": "notifications/progress",
            "params": { "progressToken": token, "progress": done },
        }));
    }

    #[test]
    fn the_steps_of_a_request_are_those_with_its_token() {
        let log = Log::new();
        told(&log, 7, 1);
        let mut steps = log.steps(json!(7), log.mark());
        told(&log, 8, 2);
        told(&log, 7, 3);
        log.push(json!({ "method": "notifications/message", "params": { "progressToken": 7 } }));
        assert_eq!(steps.next().map(|step| step.done), Some(3.0));
        assert_eq!(steps.next(), None);
        told(&log, 7, 4);
        assert_eq!(steps.next().map(|step| step.done), Some(4.0));
        assert_eq!(log.read(|told| told.notifications.len()), 5);
    }

    #[test]
    fn a_notification_without_parameters_has_null() {
        let log = Log::new();
        log.push(json!({ "method": "notifications/tools/list_changed" }));
        let told = log.since(Mark::default());
        let [notification] = &told.notifications[..] else {
            panic!("one notification");
        };
        assert_eq!(notification.method, "notifications/tools/list_changed");
        assert_eq!(notification.params, Value::Null);
        assert_eq!((notification.progress(), notification.log()), (None, None));
        assert_eq!(
            told.to_string(),
            "\n\nit told:\n- notifications/tools/list_changed"
        );
    }

    #[test]
    fn a_message_of_the_log_may_have_no_logger() {
        let log = Log::new();
        let params = json!({ "level": "warning", "data": { "left": 3 } });
        log.push(json!({ "method": "notifications/message", "params": params }));
        let message = log.read(|told| told.notifications[0].log()).unwrap();
        assert_eq!((&*message.level, message.logger), ("warning", None));
        assert_eq!(message.data, json!({ "left": 3 }));
    }
}
