//! Byte streams, one message a line: the process's own standard input and output, or any other pair; and HTTP, which has
//! its own rooms in `http`.
//!
//! On a stream, a message takes this way: `lines` cuts it out of the bytes, `envelope` reads what kind of message it is
//! and `fields` what a request brings,
//! `session` finds the revision of the protocol and the method, `desk` takes the requests, `open` keeps those in flight and
//! `questions` those of ours, `connection` runs them and writes what
//! comes back, and `seat` sees to it that a handler that blocks its thread stops nobody else.

mod connection;
mod desk;
pub(crate) mod envelope;
mod fields;
mod guest;
#[cfg(feature = "http")]
pub(crate) mod http;
mod json;
pub(crate) mod known;
mod lines;
mod open;
#[cfg(any(feature = "http", feature = "stdio"))]
mod process;
mod questions;
mod reply;
mod seat;
mod session;
#[cfg(feature = "stdio")]
mod stdio;

pub(crate) use self::guest::Guest;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Result, Service};

impl Service {
    /// Serves one client over a pair of byte streams, one JSON-RPC message a line: the framing of stdio, for sockets, pipes
    /// and tests. Returns when the client is gone.
    ///
    /// When `reader` ends, calls in flight have five seconds to finish. The `on_start` functions of the server have run
    /// before anything is read; the `on_shutdown` functions are left to [`shutdown`](Self::shutdown), because a service can
    /// serve many clients.
    ///
    /// A handler is run in the task that reads, so that one that is ready at once costs no task of its own. One that blocks
    /// its thread keeps the others waiting for some milliseconds, until another thread of the runtime has taken the reading
    /// over; a runtime of a single thread has none.
    ///
    /// ```
    /// use mcp_runtime::{Server, handlers, tool};
    /// use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    ///
    /// /// Adds two numbers.
    /// #[tool]
    /// fn add(a: i64, b: i64) -> i64 {
    ///     a + b
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = Server::new("calculator", "1.0.0").add(handlers![add]).build()?;
    /// let (client, server) = tokio::io::duplex(4096);
    /// let (reader, writer) = tokio::io::split(server);
    /// let serving = tokio::spawn(async move { service.serve_io(reader, writer).await });
    ///
    /// let (answers, mut requests) = tokio::io::split(client);
    /// requests.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n").await?;
    /// let answer = BufReader::new(answers).lines().next_line().await?;
    /// assert_eq!(answer.as_deref(), Some(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#));
    ///
    /// requests.shutdown().await?;
    /// serving.await??;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If an `on_start` function fails, or if reading or writing fails for another reason than that the client is gone.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or if its time driver is not enabled.
    pub async fn serve_io<R, W>(&self, reader: R, writer: W) -> Result<()>
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        self.serve_guest(reader, writer, Guest::default()).await
    }

    /// The same for a client of which more is known than it says itself.
    pub(crate) async fn serve_guest<R, W>(&self, reader: R, writer: W, guest: Guest) -> Result<()>
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        self.start().await?;
        let (_order, orders) = tokio::sync::mpsc::unbounded_channel();
        let streams = (Box::new(reader) as _, Box::new(writer) as _);
        connection::serve(self.clone(), streams, orders, guest).await?;
        Ok(())
    }
}
