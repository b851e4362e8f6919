//! Builder methods: changes while the server serves, how long clients may keep what they get, older revisions.

use std::time::Duration;

use super::{Server, ServerHandle};
use crate::compat;

impl Server {
    /// A handle to change the server while it serves; a handler gets one as a parameter.
    ///
    /// It can be taken before the server is built, so that whatever announces changes can be started with it. The server is
    /// *dynamic* then: see [`ServerHandle`].
    ///
    /// ```
    /// use mcp_runtime::{Server, handlers, resource};
    ///
    /// /// The time in seconds.
    /// #[resource("clock://now")]
    /// fn now() -> String {
    ///     format!("{:?}", std::time::SystemTime::now())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut server = Server::new("clock", "1.0.0").add(handlers![now]);
    /// let handle = server.handle();
    /// tokio::spawn(async move {
    ///     loop {
    ///         tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    ///         handle.resource_updated("clock://now");
    ///     }
    /// });
    /// # }
    /// ```
    pub fn handle(&mut self) -> ServerHandle {
        ServerHandle::new(&self.live)
    }

    /// How long clients may keep the lists, and what the server says about itself: not at all unless this says otherwise.
    ///
    /// It is told since 2026-07-28. A client that listens is told of changes before that time has passed. For resources, see
    /// [`resource`](macro@crate::resource#options).
    pub fn list_ttl(mut self, ttl: Duration) -> Self {
        self.settings.list_ttl = ttl;
        self
    }

    /// Whether a cache between the server and its clients may give the lists of one caller to another. Off unless this turns it
    /// on.
    pub fn public_lists(mut self, yes: bool) -> Self {
        self.settings.public_lists = yes;
        self
    }

    /// Whether 2025-03-26 and 2024-11-05 are served, too, as well as it goes. Off unless this turns it on.
    ///
    /// Clients of these revisions get text where they know nothing better: no structured content and no output schemas, links
    /// to resources as URIs, and before 2025-03-26 no audio and no messages with progress. Batches of requests, which
    /// 2025-03-26 has, are refused, and the HTTP transport of 2024-11-05 is served with the feature `sse` only.
    pub fn older_versions(mut self, yes: bool) -> Self {
        self.settings.versions = if yes {
            compat::OLDER_VERSIONS
        } else {
            compat::VERSIONS
        };
        self
    }
}
