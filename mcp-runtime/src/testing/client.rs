//! [`TestClient`]: a client in the same process as its server.

use std::{fmt, future::Future, panic::Location, sync::Arc};

use rmcp::{
    Peer, RoleClient,
    model::{ClientCapabilities, ClientConfig, Implementation, ServerPeerInfo},
    service::{ClientLifecycleMode, ClientServiceExt, RunningService},
};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::{
    Notification, Progress, Protocol,
    line::{Line, line},
    served::serve,
};
use crate::{Error, Service};

/// A client in the same process as its server.
///
/// It is the client of the official SDK, connected to a server that runs in its service loop, over channels: everything is
/// as in production but the bytes. It needs no socket, and works with a single thread and with paused time.
///
/// Dropping the client closes the connection and ends the server some time later. [`close`](Self::close) waits for that.
///
/// ```
/// use mcp_runtime::{Server, testing::{Protocol, TestClient}};
///
/// fn server() -> Server {
///     Server::new("warehouse", "1.0.0")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// for protocol in Protocol::ALL {
///     let client = TestClient::connect_as(server(), *protocol).await;
///     assert_eq!(client.server_info()["name"], "warehouse");
///     client.close().await;
/// }
/// # }
/// ```
pub struct TestClient {
    protocol: Protocol,
    running: RunningService<RoleClient, ClientConfig>,
    pub(super) line: Arc<Line>,
    server: JoinHandle<Result<(), Error>>,
}

impl TestClient {
    /// Starts a server and connects to it, in the newest revision of the protocol.
    ///
    /// # Panics
    ///
    /// If the server cannot be built, with everything that is wrong, or if it does not start.
    #[track_caller]
    pub fn connect<S>(server: S) -> impl Future<Output = Self>
    where
        S: TryInto<Service>,
        S::Error: fmt::Display,
    {
        Self::connect_as(server, Protocol::MODERN)
    }

    /// Starts a server and connects to it, in the given revision of the protocol.
    ///
    /// # Panics
    ///
    /// If the server cannot be built, with everything that is wrong, or if it does not start.
    #[track_caller]
    pub fn connect_as<S>(server: S, protocol: Protocol) -> impl Future<Output = Self>
    where
        S: TryInto<Service>,
        S::Error: fmt::Display,
    {
        let caller = Location::caller();
        let service = match server.try_into() {
            Ok(service) => service,
            Err(error) => panic!("{error}"),
        };
        async move {
            if let Err(error) = service.start().await {
                panic!("{}\nconnected at {caller}", chain(&error));
            }
            let (client_end, server_end, line) = line();
            let server = tokio::spawn(serve(service, server_end));
            let connected = config(protocol).serve_with_lifecycle(client_end, lifecycle(protocol));
            // Boxed, because the future of the handshake is large.
            let running = match Box::pin(connected).await {
                Ok(running) => running,
                Err(error) => panic!("no connection: {error}\nconnected at {caller}"),
            };
            Self {
                protocol,
                running,
                line,
                server,
            }
        }
    }

    /// The revision of the protocol that is spoken.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// What the server says about itself: `name`, `version`, `title` and so on; `null` if it keeps silent.
    #[must_use]
    pub fn server_info(&self) -> Value {
        self.told(|info| serde_json::to_value(&info.server_info))
    }

    /// The instructions of the server for the model, if there are any.
    #[must_use]
    pub fn instructions(&self) -> Option<String> {
        self.running.peer_info()?.instructions.clone()
    }

    /// What the server can do.
    #[must_use]
    pub fn capabilities(&self) -> Value {
        self.told(|info| serde_json::to_value(&info.capabilities))
    }

    /// The progress that the server has told so far, of all calls.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        let notifications = self.notifications();
        notifications
            .iter()
            .filter_map(Notification::progress)
            .collect()
    }

    /// All notifications so far, in the order in which the server sent them; progress is among them.
    #[must_use]
    pub fn notifications(&self) -> Vec<Notification> {
        self.line.log.all()
    }

    /// The client of the official SDK, for what this one has no method for. What it hears stands in
    /// [`notifications`](Self::notifications), too.
    #[must_use]
    pub fn peer(&self) -> &Peer<RoleClient> {
        self.running.peer()
    }

    /// Closes the connection, ends all calls that run, runs the `on_shutdown` functions and waits for the end of all of it.
    ///
    /// # Panics
    ///
    /// If an `on_shutdown` function fails.
    #[track_caller]
    pub fn close(self) -> impl Future<Output = ()> {
        let caller = Location::caller();
        async move {
            let Self {
                running, server, ..
            } = self;
            // That its loop ends is all that counts here.
            let _ = running.cancel().await;
            match server.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => panic!("{}\nclosed at {caller}", chain(&error)),
                Err(error) => panic!("the server broke: {error}\nclosed at {caller}"),
            }
        }
    }

    fn told(&self, tell: impl FnOnce(&ServerPeerInfo) -> serde_json::Result<Value>) -> Value {
        let info = self.running.peer_info();
        let told = info.and_then(|info| tell(&info).ok());
        told.unwrap_or_default()
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient")
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}

/// Who asks: a client without any capability, so that nothing is asked back.
pub(super) fn config(protocol: Protocol) -> ClientConfig {
    let name = Implementation::new("mcp-runtime-test-client", env!("CARGO_PKG_VERSION"));
    ClientConfig::new(ClientCapabilities::default(), name).with_protocol_version(protocol.version())
}

fn lifecycle(protocol: Protocol) -> ClientLifecycleMode {
    if protocol.has_sessions() {
        return ClientLifecycleMode::Initialize;
    }
    ClientLifecycleMode::Discover {
        preferred_versions: vec![protocol.version()],
    }
}

/// An error with its sources.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
