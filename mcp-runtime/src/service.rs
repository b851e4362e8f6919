//! [`Service`]: a server that is built.

use std::{sync::Arc, time::Duration};

use rmcp::model::InitializeResult;
use serde_json::Value;

use crate::{Error, Principal, Server, lifespan::Lifespan, registry::Registry, seal::Seal};

/// A server that is built: it answers requests.
///
/// It is made by [`Server::build`](crate::Server::build) and is cheap to clone. It is an rmcp
/// [`ServerHandler`](rmcp::ServerHandler), so that it runs on every transport of rmcp:
///
/// ```
/// use mcp_runtime::{Server, handlers, rmcp::ServiceExt, tool};
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
/// let (_client, transport) = tokio::io::duplex(4096);
/// let running = tokio::spawn(service.serve(transport));
/// # running.abort();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Service(Arc<Parts>);

/// What a service is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) registry: Registry,
    pub(crate) settings: Settings,
    pub(crate) info: InitializeResult,
    /// The name and the version of the server, as results carry them.
    pub(crate) identity: Value,
    pub(crate) lifespan: Lifespan,
    /// Seals what clients keep for the server: cursors, and what calls with questions remember.
    pub(crate) seal: Seal,
}

/// The choices of the author.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Who all callers are of which nothing else is known.
    pub(crate) principal: Option<Principal>,
    pub(crate) timeout: Option<Duration>,
    /// How long a question in place may be open.
    pub(crate) ask_timeout: Duration,
    pub(crate) page_size: Option<usize>,
    pub(crate) coerce_arguments: bool,
    pub(crate) validate_output: bool,
    pub(crate) max_result_bytes: usize,
    pub(crate) max_line_bytes: usize,
}

impl Service {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Runs the `on_start` functions of the server, once: later calls wait for the first or do nothing.
    ///
    /// Serving does this by itself. Without it, the first request does.
    ///
    /// # Errors
    ///
    /// The error of the first function that fails. The next call runs it again.
    pub async fn start(&self) -> Result<(), Error> {
        self.0
            .lifespan
            .states()
            .await
            .map(drop)
            .map_err(Error::Lifespan)
    }

    /// Runs the `on_shutdown` functions of the server, once, if it was started.
    ///
    /// # Errors
    ///
    /// The first error of the functions. All of them run nevertheless.
    pub async fn shutdown(&self) -> Result<(), Error> {
        self.0.lifespan.shutdown().await.map_err(Error::Lifespan)
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }
}

/// Builds the server, as [`Server::build`] does.
impl TryFrom<Server> for Service {
    type Error = Error;

    fn try_from(server: Server) -> Result<Self, Error> {
        server.build()
    }
}
