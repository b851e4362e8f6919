//! Notifications as they are written.

use rmcp::model::{Notification, ProgressNotificationParam, ProgressToken, ServerNotification};
use serde::Serialize;

/// What a client is told: as a message that is written, or as the model of rmcp for a transport of rmcp.
pub(crate) trait Notice: Into<ServerNotification> {
    /// How long the message may become, in bytes, to make room for it at once.
    const ROOM: usize;

    /// Writes the message, without the end of a line.
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;

    /// The message with the end of its line; nothing if it has no JSON form.
    fn line(&self) -> Vec<u8> {
        let mut line = Vec::with_capacity(Self::ROOM);
        match self.write(&mut line) {
            Ok(()) => line.push(b'\n'),
            Err(_) => line.clear(),
        }
        line
    }
}

#[derive(Serialize)]
struct Message<'a> {
    jsonrpc: &'static str,
    #[serde(flatten)]
    notification: &'a ServerNotification,
}

impl Notice for ServerNotification {
    const ROOM: usize = 256;

    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let message = Message {
            jsonrpc: "2.0",
            notification: self,
        };
        serde_json::to_writer(out, &message)
    }
}

/// A step of a call.
#[derive(Clone, Debug)]
pub(super) struct Progress<'a> {
    pub(super) token: &'a ProgressToken,
    /// A number that is finite, as the total is.
    pub(super) done: f64,
    pub(super) total: Option<f64>,
    pub(super) message: Option<String>,
}

/// Of these there may be a lot. rmcp looks for metadata when it writes one, and makes a tree of the parameters for that; here
/// what is the same in all of them is copied, and the rest is written behind it.
impl Notice for Progress<'_> {
    const ROOM: usize = 192;

    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.extend_from_slice(
            br#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"#,
        );
        serde_json::to_writer(&mut *out, self.token)?;
        out.extend_from_slice(br#","progress":"#);
        serde_json::to_writer(&mut *out, &self.done)?;
        if let Some(total) = &self.total {
            out.extend_from_slice(br#","total":"#);
            serde_json::to_writer(&mut *out, total)?;
        }
        if let Some(message) = &self.message {
            out.extend_from_slice(br#","message":"#);
            serde_json::to_writer(&mut *out, message)?;
        }
        out.extend_from_slice(b"}}");
        Ok(())
    }
}

impl From<Progress<'_>> for ServerNotification {
    fn from(progress: Progress<'_>) -> Self {
        let mut param = ProgressNotificationParam::new(progress.token.clone(), progress.done);
        param.total = progress.total;
        param.message = progress.message;
        Notification::new(param).into()
    }
}

#[cfg(test)]
#[expect(deprecated, reason = "clients are still told so")]
mod tests {
    use rmcp::model::{
        LoggingLevel, LoggingMessageNotification, LoggingMessageNotificationParam, NumberOrString,
        ServerJsonRpcMessage,
    };
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn written_as_rmcp_writes_it(notice: impl Notice) {
        let line = notice.line();
        assert_eq!(line.last(), Some(&b'\n'));
        let read: Value = serde_json::from_slice(&line).unwrap();
        let message = ServerJsonRpcMessage::notification(notice.into());
        assert_eq!(read, serde_json::to_value(message).unwrap());
    }

    #[test]
    fn a_notification_is_written_as_rmcp_writes_it() {
        let log = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!("said"));
        written_as_rmcp_writes_it(ServerNotification::from(LoggingMessageNotification::new(
            log,
        )));
    }

    #[test]
    fn progress_is_written_as_rmcp_writes_it() {
        let tokens = [
            NumberOrString::Number(-7),
            NumberOrString::String("a \"token\"\n".into()),
        ];
        for token in tokens.map(ProgressToken) {
            for (total, message) in [
                (None, None),
                (Some(3.0), None),
                (None, Some("half a line\nand \u{2028} \"more\"")),
                (Some(1e300), Some("")),
            ] {
                written_as_rmcp_writes_it(Progress {
                    token: &token,
                    done: 0.1,
                    total,
                    message: message.map(str::to_owned),
                });
            }
        }
    }
}
