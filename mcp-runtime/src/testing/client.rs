//! [`TestClient`]: a client in the same process as its server.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    panic::Location,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rmcp::{
    Peer, RoleClient,
    model::{ClientConfig, RequestMetaObject, ServerPeerInfo},
    service::{PeerRequestOptions, RunningService},
};
use serde_json::{Map, Value};
use tokio::task::JoinHandle;

use super::{LogMessage, Notification, Progress, Protocol, TestOptions, line::Line};
use crate::{Error, Principal, Service};

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
    pub(super) protocol: Protocol,
    pub(super) running: RunningService<RoleClient, ClientConfig>,
    pub(super) line: Arc<Line>,
    pub(super) server: JoinHandle<Result<(), Error>>,
    /// The level of the log that requests ask for where they do.
    pub(super) log_level: Option<String>,
    pub(super) patience: Duration,
    pub(super) seen: Mutex<Seen>,
    /// Who uses the client at the moment.
    pub(super) principal: Arc<Mutex<Option<Principal>>>,
}

/// How much of what was said the `next_…` methods have given.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) questions: usize,
    /// By method.
    pub(super) notifications: HashMap<String, usize>,
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
        Self::options().connect(server)
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
        Self::options().protocol(protocol).connect(server)
    }

    /// What a client shall be like, before it connects.
    pub fn options() -> TestOptions {
        TestOptions::default()
    }

    /// Says that somebody else uses the client from here on, or the same one with other rights: the transport finds this out for
    /// each request, also within a session.
    ///
    /// ```
    /// use mcp_runtime::{Principal, Server, handlers, testing::TestClient, tool};
    ///
    /// /// Writes a file.
    /// #[tool(scopes("files:write"))]
    /// fn write(name: String) {
    ///     drop(name);
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let client = TestClient::connect(Server::new("files", "1.0.0").add(handlers![write])).await;
    /// client.set_principal(Principal::new("alice").with_scope("files:write"));
    /// assert_eq!(client.tools().await.len(), 1);
    /// client.set_principal(Principal::new("alice"));
    /// assert!(client.tools().await.is_empty());
    /// # }
    /// ```
    pub fn set_principal(&self, principal: impl Into<Option<Principal>>) {
        let current = self.principal.lock();
        *current.unwrap_or_else(PoisonError::into_inner) = principal.into();
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

    /// The messages of the server's log so far. [`TestOptions::log_level`] says which ones the client wants.
    #[must_use]
    pub fn logs(&self) -> Vec<LogMessage> {
        let notifications = self.notifications();
        notifications.iter().filter_map(Notification::log).collect()
    }

    /// All notifications so far, in the order in which the server sent them; progress and logs are among them.
    #[must_use]
    pub fn notifications(&self) -> Vec<Notification> {
        self.line.log.read(|told| told.notifications.clone())
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
    /// If an `on_shutdown` function fails, or if there was a question that the test has no answer to.
    #[track_caller]
    pub fn close(self) -> impl Future<Output = ()> {
        let caller = Location::caller();
        async move {
            let Self {
                running,
                server,
                line,
                ..
            } = self;
            // That its loop ends is all that counts here.
            let _ = running.cancel().await;
            match server.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => panic!("{}\nclosed at {caller}", chain(&error)),
                Err(error) => panic!("the server broke: {error}\nclosed at {caller}"),
            }
            line.log.check_last(caller);
        }
    }

    pub(super) fn config(&self) -> &ClientConfig {
        self.running.service()
    }

    /// What requests carry beside the client's identity.
    pub(super) fn request_options(&self) -> PeerRequestOptions {
        let level = self.log_level.clone();
        let level = level.filter(|_| !self.protocol.has_sessions());
        let level = level.map(|level| (LOG_LEVEL.to_owned(), level.into()));
        let meta: Map<_, _> = level.into_iter().collect();
        PeerRequestOptions::no_options().with_meta(RequestMetaObject::from(meta))
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

/// The level of the log that a request without a session asks for, in its `_meta`.
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// An error with its sources.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
