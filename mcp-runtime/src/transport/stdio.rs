//! Standard input and output.

mod blocking;
#[cfg(unix)]
mod descriptors;
#[cfg(not(unix))]
mod handles;

#[cfg(unix)]
use self::descriptors::Streams;
#[cfg(not(unix))]
use self::handles::Streams;
use super::{
    connection,
    guest::Guest,
    process::{exit_later, orders},
};
use crate::{Result, Server};

impl Server {
    /// Serves one client over standard input and output, until the input ends or the process is told to end.
    ///
    /// ```no_run
    /// use mcp_runtime::{Server, handlers, tool};
    ///
    /// /// Adds two numbers.
    /// #[tool]
    /// fn add(a: i64, b: i64) -> i64 {
    ///     a + b
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> mcp_runtime::Result<()> {
    ///     Server::new("calculator", "1.0.0").add(handlers![add]).serve_stdio().await
    /// }
    /// ```
    ///
    /// # Streams
    ///
    /// On Unix both streams belong to the protocol alone from the start, for the rest of the process: what the program or one
    /// of its child processes prints goes to standard error, and what they read from standard input is empty. Elsewhere
    /// nothing but the server may print; log to standard error.
    ///
    /// # The end
    ///
    /// At the end of the input everything that was sent before is still answered: calls in flight have five seconds to
    /// finish. On SIGTERM or SIGINT nothing more is taken and they have two; a second signal ends them at once. What has not
    /// finished then is dropped. When the client has closed its end of the output, nobody waits for them, and they are
    /// dropped immediately. In all these cases the `on_shutdown` functions run, and the result is `Ok`.
    ///
    /// A handler that blocks its thread cannot be dropped, and the runtime would wait for it for ever. If there is one, the
    /// process exits with code 0 five seconds after this function has returned.
    ///
    /// # Errors
    ///
    /// [`Error::Build`](crate::Error::Build) if the server is not set up rightly, [`Error::Lifespan`](crate::Error::Lifespan)
    /// if starting or stopping it fails; if it does not start, nothing is read. [`Error::Io`](crate::Error::Io) if a stream
    /// fails otherwise than by the client going away.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or if its drivers are not enabled (`#[tokio::main]` enables them).
    pub async fn serve_stdio(self) -> Result<()> {
        let service = self.build()?;
        let streams = Streams::take()?;
        service.start().await?;
        let served = match streams.open().and_then(|streams| Ok((streams, orders()?))) {
            Ok((streams, orders)) => {
                connection::serve(service.clone(), streams, orders, Guest::default()).await
            }
            Err(error) => Err(error),
        };
        let stopped = service.shutdown().await;
        if matches!(served, Ok(true)) {
            exit_later();
        }
        served?;
        stopped
    }
}
