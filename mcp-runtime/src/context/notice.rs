//! Notifications as they are written.

use rmcp::model::ServerNotification;
use serde::{Serialize, Serializer};

/// A notification, as the message that is written.
///
/// Of progress there may be a lot. rmcp looks for metadata in its parameters when it writes them, and makes a tree of
/// them for that; where there is none, they are written as they are.
pub(super) struct Notice<'a>(pub(super) &'a ServerNotification);

#[derive(Serialize)]
struct Plain<'a, P> {
    jsonrpc: &'static str,
    method: &'static str,
    params: &'a P,
}

#[derive(Serialize)]
struct Full<'a> {
    jsonrpc: &'static str,
    #[serde(flatten)]
    notification: &'a ServerNotification,
}

impl Serialize for Notice<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let jsonrpc = "2.0";
        match self.0 {
            ServerNotification::ProgressNotification(progress)
                if progress.extensions.is_empty() =>
            {
                let plain = Plain {
                    jsonrpc,
                    method: "notifications/progress",
                    params: &progress.params,
                };
                plain.serialize(serializer)
            }
            notification => {
                let full = Full {
                    jsonrpc,
                    notification,
                };
                full.serialize(serializer)
            }
        }
    }
}

impl Notice<'_> {
    /// The message with the end of its line; nothing if it has no JSON form.
    pub(super) fn line(&self) -> Vec<u8> {
        let mut line = Vec::with_capacity(128);
        match serde_json::to_writer(&mut line, self) {
            Ok(()) => line.push(b'\n'),
            Err(_) => line.clear(),
        }
        line
    }
}

#[cfg(test)]
#[expect(deprecated, reason = "clients are still told so")]
mod tests {
    use rmcp::model::{
        LoggingLevel, LoggingMessageNotification, LoggingMessageNotificationParam, Notification,
        NumberOrString, ProgressNotificationParam, ProgressToken, ServerJsonRpcMessage,
    };
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_notification_is_written_as_rmcp_writes_it() {
        let token = ProgressToken(NumberOrString::Number(7));
        let progress = ProgressNotificationParam::new(token, 1.0).with_message("half");
        let log = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!("said"));
        for notification in [
            ServerNotification::from(Notification::new(progress)),
            LoggingMessageNotification::new(log).into(),
        ] {
            let line = Notice(&notification).line();
            let read: Value = serde_json::from_slice(&line).unwrap();
            let message = ServerJsonRpcMessage::notification(notification);
            assert_eq!(read, serde_json::to_value(message).unwrap());
            assert!(line.ends_with(b"\n"));
        }
    }
}
