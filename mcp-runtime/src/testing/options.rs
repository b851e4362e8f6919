//! [`TestOptions`]: what a client is like.

use std::{
    fmt,
    future::Future,
    panic::Location,
    sync::{Arc, Mutex},
    time::Duration,
};

use rmcp::{
    model::{ClientCapabilities, ClientConfig, Implementation},
    service::{ClientLifecycleMode, ClientServiceExt},
};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{
    Protocol, TestClient,
    client::chain,
    line::{ServerEnd, line},
    request::{Caller, refused},
    served::serve,
};
use crate::{Error, Principal, Service};

/// What a [`TestClient`] is like: its revision of the protocol, what it can do, and who uses it.
///
/// Without further words it speaks the newest revision, can do everything that a client can, and says of nobody who it is.
///
/// ```
/// use mcp_runtime::{Principal, Server, handlers, testing::{Protocol, TestClient}, tool};
///
/// /// Says who asks.
/// #[tool]
/// fn whoami(principal: Principal) -> String {
///     principal.subject().to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let server = Server::new("example", "1.0.0").add(handlers![whoami]);
/// let client = TestClient::options()
///     .protocol(Protocol::LEGACY)
///     .principal(Principal::new("alice"))
///     .connect(server)
///     .await;
/// assert_eq!(client.call("whoami", ()).await.text(), "alice");
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is connected until `connect` is called"]
pub struct TestOptions {
    protocol: Protocol,
    capabilities: Option<ClientCapabilities>,
    principal: Option<Principal>,
    log_level: Option<String>,
    patience: Duration,
}

/// Long enough for a busy machine, and short enough for somebody who looks at it.
const PATIENCE: Duration = Duration::from_secs(10);

impl TestOptions {
    /// The revision of the protocol that the client speaks: the newest one, unless told otherwise.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// What the client can do, as it goes over the wire: `json!({ "elicitation": {} })` is a client that shows forms and can
    /// do nothing else, `()` one that can do nothing at all.
    ///
    /// Unless told otherwise, it can do everything that its revision knows.
    ///
    /// # Panics
    ///
    /// If these are no capabilities.
    #[track_caller]
    pub fn capabilities(mut self, capabilities: impl Serialize) -> Self {
        let read = serde_json::to_value(capabilities).and_then(|json| match json {
            Value::Null => Ok(ClientCapabilities::default()),
            json => serde_json::from_value(json),
        });
        match read {
            Ok(capabilities) => self.capabilities = Some(capabilities),
            Err(error) => panic!("no capabilities of a client: {error}"),
        }
        self
    }

    /// Who uses the client, as if the transport had verified it.
    pub fn principal(mut self, principal: Principal) -> Self {
        self.principal = Some(principal);
        self
    }

    /// How severe a message of the server's log must be for the client to want it, such as `"info"`: it asks for them with
    /// every request, or once in a session. Unless told otherwise, it asks for nothing.
    pub fn log_level(mut self, level: impl Into<String>) -> Self {
        self.log_level = Some(level.into());
        self
    }

    /// How long the client waits for what a test says comes next, such as in [`TestClient::next_notification`]: 10 s, unless
    /// told otherwise. With paused time that is no time at all, but longer than any sleep of a handler that is shorter.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Starts a server and connects to it.
    ///
    /// # Panics
    ///
    /// If the server cannot be built, with everything that is wrong, or if it does not start.
    #[track_caller]
    pub fn connect<S>(self, server: S) -> impl Future<Output = TestClient>
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
            self.connected(service, caller).await
        }
    }

    async fn connected(self, service: Service, caller: Caller) -> TestClient {
        let principal = Arc::new(Mutex::new(self.principal.clone()));
        let of_server = Arc::clone(&principal);
        let serve = |line| tokio::spawn(serve(service, of_server, line));
        let mut client = self.connected_to(serve, caller).await;
        client.principal = principal;
        client
    }

    /// Connects to whatever serves the other end of the line.
    pub(super) async fn connected_to(
        self,
        serve: impl FnOnce(ServerEnd) -> JoinHandle<Result<(), Error>>,
        caller: Caller,
    ) -> TestClient {
        let protocol = self.protocol;
        let name = Implementation::new("mcp-runtime-test-client", env!("CARGO_PKG_VERSION"));
        let capabilities = self.capabilities.unwrap_or_else(|| everything(protocol));
        let config =
            ClientConfig::new(capabilities, name).with_protocol_version(protocol.version());
        let (client_end, server_end, line) = line();
        let server = serve(server_end);
        let connected = config.serve_with_lifecycle(client_end, lifecycle(protocol));
        // Boxed, because the future of the handshake is large.
        let running = match Box::pin(connected).await {
            Ok(running) => running,
            Err(error) => panic!("no connection: {error}\nconnected at {caller}"),
        };
        let client = TestClient {
            protocol,
            running,
            line,
            server,
            log_level: self.log_level,
            patience: self.patience,
            seen: Mutex::default(),
            principal: Arc::default(),
        };
        client.set_level(caller).await;
        client
    }
}

impl TestClient {
    /// Asks for the log of a server that has one, where a session asks for it once.
    async fn set_level(&self, caller: Caller) {
        let Some(level) = &self.log_level else {
            return;
        };
        if self.protocol.has_sessions() && !self.capabilities()["logging"].is_null() {
            let set = self.request("logging/setLevel", json!({ "level": level }));
            if let Err(error) = set.await {
                refused("the level of the log", &error, caller);
            }
        }
    }
}

impl Default for TestOptions {
    fn default() -> Self {
        Self {
            protocol: Protocol::default(),
            capabilities: None,
            principal: None,
            log_level: None,
            patience: PATIENCE,
        }
    }
}

/// All that a client of the revision can do.
fn everything(protocol: Protocol) -> ClientCapabilities {
    let elicitation = match protocol {
        Protocol::V2025_06_18 => json!({}),
        _ => json!({ "form": {}, "url": {} }),
    };
    let sampling = match protocol {
        Protocol::V2025_06_18 => json!({}),
        _ => json!({ "tools": {}, "context": {} }),
    };
    let roots = match protocol {
        Protocol::V2026_07_28 => json!({}),
        _ => json!({ "listChanged": true }),
    };
    let all = json!({ "elicitation": elicitation, "sampling": sampling, "roots": roots });
    // A test checks that all of these can be read.
    serde_json::from_value(all).unwrap_or_default()
}

fn lifecycle(protocol: Protocol) -> ClientLifecycleMode {
    if protocol.has_sessions() {
        return ClientLifecycleMode::Initialize;
    }
    ClientLifecycleMode::Discover {
        preferred_versions: vec![protocol.version()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_do_everything_that_its_revision_knows() {
        for protocol in Protocol::ALL {
            let all = everything(*protocol);
            assert!(all.elicitation.is_some(), "{protocol}");
            assert!(all.sampling.is_some(), "{protocol}");
            assert!(all.roots.is_some(), "{protocol}");
        }
        let urls = |protocol| everything(protocol).elicitation.and_then(|one| one.url);
        assert!(urls(Protocol::MODERN).is_some());
        assert!(urls(Protocol::V2025_06_18).is_none());
    }
}
