//! The two ends of the line: rmcp's client at one, whatever serves at the other.

use std::{
    fmt,
    future::{Future, ready},
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready as poll_ready},
};

use rmcp::{
    RoleClient,
    model::{ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, ServerJsonRpcMessage},
    transport::Transport,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc::{UnboundedReceiver, UnboundedSender},
};

use super::line::{Asker, Line, Sent, Text, text};

/// The client's end of the line.
#[derive(Debug)]
pub(super) struct ClientEnd {
    to_server: UnboundedSender<Text>,
    from_server: UnboundedReceiver<ServerJsonRpcMessage>,
    line: Arc<Line>,
}

impl ClientEnd {
    pub(super) fn new(
        to_server: UnboundedSender<Text>,
        from_server: UnboundedReceiver<ServerJsonRpcMessage>,
        line: &Arc<Line>,
    ) -> Self {
        Self {
            to_server,
            from_server,
            line: Arc::clone(line),
        }
    }
}

impl Transport<RoleClient> for ClientEnd {
    type Error = io::Error;

    fn send(
        &mut self,
        mut message: ClientJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let sent = match &mut message {
            JsonRpcMessage::Request(request) => {
                let id = request.id.clone();
                self.line
                    .send_round(Sent::new(id, text(&message), Asker::Client))
            }
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &mut notification.notification
                    && let Some(id) = &mut cancelled.params.request_id
                    && let Some(known) = self.line.forget(id)
                {
                    *id = known;
                }
                self.line.send(Arc::new(text(&message)))
            }
            _ => self.line.send(Arc::new(text(&message))),
        };
        ready(sent.ok_or_else(|| io::ErrorKind::BrokenPipe.into()))
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        self.from_server.recv().await
    }

    /// Takes all open requests back: at the end of its input, the server would wait seconds for their answers.
    async fn close(&mut self) -> io::Result<()> {
        self.line.take_all_back(&self.to_server);
        Ok(())
    }
}

/// The server's end of the line.
#[derive(Debug)]
pub(super) struct ServerEnd {
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    pub(super) line: Arc<Line>,
}

impl ServerEnd {
    pub(super) fn new(
        from_client: UnboundedReceiver<Text>,
        to_client: UnboundedSender<ServerJsonRpcMessage>,
        line: &Arc<Line>,
    ) -> Self {
        Self {
            reader: Reader {
                from_client,
                text: Text::default(),
                at: 0,
            },
            writer: Writer {
                to_client,
                line: Arc::clone(line),
                rest: Vec::new(),
            },
            line: Arc::clone(line),
        }
    }
}

/// What the client sends, as bytes.
pub(super) struct Reader {
    from_client: UnboundedReceiver<Text>,
    text: Text,
    /// How much of the text was read.
    at: usize,
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.at == self.text.len() {
            let Some(text) = poll_ready!(self.from_client.poll_recv(cx)) else {
                return Poll::Ready(Ok(()));
            };
            self.text = text;
            self.at = 0;
        }
        let rest = &self.text[self.at..];
        let count = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..count]);
        self.at += count;
        Poll::Ready(Ok(()))
    }
}

/// What the server says, heard where it is written.
pub(super) struct Writer {
    to_client: UnboundedSender<ServerJsonRpcMessage>,
    line: Arc<Line>,
    /// The start of a line whose end is not written yet.
    rest: Vec<u8>,
}

impl Writer {
    fn hear(&self, line: &[u8]) {
        if let Some(message) = self.line.hear(line) {
            // A client that is gone hears nothing.
            let _ = self.to_client.send(message);
        }
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.to_client.is_closed() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(line) if self.rest.is_empty() => self.hear(line),
                Some(end) => {
                    let mut line = std::mem::take(&mut self.rest);
                    line.extend_from_slice(end);
                    self.hear(&line);
                }
                None => self.rest.extend_from_slice(part),
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}
