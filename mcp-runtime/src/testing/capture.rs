//! What a server says without being asked: the notifications, in the order in which they were sent.

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;

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

impl Notification {
    /// The notification as progress of a call, if it is one.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        (self.method == "notifications/progress")
            .then(|| Progress::deserialize(&self.params).ok())
            .flatten()
    }
}

/// All notifications so far.
#[derive(Debug)]
pub(super) struct Log(watch::Sender<Vec<Notification>>);

impl Log {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }

    pub(super) fn push(&self, notification: impl serde::Serialize) {
        let mut json = serde_json::to_value(notification).unwrap_or_default();
        let notification = Notification {
            method: json["method"].as_str().unwrap_or_default().to_owned(),
            params: json["params"].take(),
        };
        self.0.send_modify(|log| log.push(notification));
    }

    pub(super) fn all(&self) -> Vec<Notification> {
        self.0.borrow().clone()
    }

    /// What will be told about the request with this token.
    pub(super) fn steps(&self, token: Value, from: usize) -> Steps {
        Steps {
            log: self.0.subscribe(),
            token,
            from,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }
}

/// The progress of one request, read from the log.
#[derive(Debug)]
pub(super) struct Steps {
    log: watch::Receiver<Vec<Notification>>,
    token: Value,
    /// The first notification that was not looked at.
    from: usize,
}

impl Steps {
    /// The next step, if it was told already.
    pub(super) fn next(&mut self) -> Option<Progress> {
        let log = self.log.borrow_and_update();
        while let Some(notification) = log.get(self.from) {
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
        let mut steps = log.steps(json!(7), log.len());
        told(&log, 8, 2);
        told(&log, 7, 3);
        log.push(json!({ "method": "notifications/message", "params": { "progressToken": 7 } }));
        assert_eq!(steps.next().map(|step| step.done), Some(3.0));
        assert_eq!(steps.next(), None);
        told(&log, 7, 4);
        assert_eq!(steps.next().map(|step| step.done), Some(4.0));
        assert_eq!(log.all().len(), 5);
    }

    #[test]
    fn a_notification_without_parameters_has_null() {
        let log = Log::new();
        log.push(json!({ "method": "notifications/tools/list_changed" }));
        let [notification] = &log.all()[..] else {
            panic!("one notification");
        };
        assert_eq!(notification.method, "notifications/tools/list_changed");
        assert_eq!(notification.params, Value::Null);
        assert_eq!(notification.progress(), None);
    }
}
