//! [`Service`]: a server that is built.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use rmcp::model::{DiscoverResult, InitializeResult, ProtocolVersion, ServerCapabilities};
use serde_json::Value;

use crate::{
    Error, Principal, Server, ServerHandle,
    compat::CacheHints,
    guard::Rules,
    lifespan::Lifespan,
    live::{Current, Live},
    seal::Seal,
    transport::known::LastClient,
};

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

/// A service, as long as somebody else holds it.
#[derive(Clone, Debug)]
pub(crate) struct WeakService(Weak<Parts>);

impl WeakService {
    pub(crate) fn upgrade(&self) -> Option<Service> {
        self.0.upgrade().map(Service)
    }
}

/// What a service is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) live: Arc<Live>,
    pub(crate) settings: Settings,
    pub(crate) info: InitializeResult,
    /// The name and the version of the server, as results carry them.
    pub(crate) identity: Value,
    /// The same as the text that ends a result.
    pub(crate) signature: String,
    pub(crate) last_client: LastClient,
    pub(crate) lifespan: Lifespan,
    /// Who may use anything at all.
    pub(crate) rules: Rules,
    #[cfg(feature = "audit")]
    pub(crate) audit: Option<crate::audit::Running>,
    /// What stands around all calls, the innermost layer first.
    #[cfg(feature = "layer")]
    pub(crate) layers: Vec<crate::layer::Stack>,
    /// Seals what clients keep for the server: cursors, and what calls with questions remember.
    pub(crate) seal: Seal,
}

/// The choices of the author.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
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
    pub(crate) list_ttl: Duration,
    pub(crate) public_lists: bool,
    /// The revisions that are served, newest first.
    pub(crate) versions: &'static [ProtocolVersion],
    /// The time between two notifications of progress.
    pub(crate) progress_interval: Duration,
    /// Handlers may log to the client.
    pub(crate) client_logging: bool,
    /// Whether calls are counted.
    #[cfg(feature = "prometheus")]
    pub(crate) metrics: bool,
    /// Where the buckets of rates are.
    #[cfg(feature = "limits")]
    pub(crate) buckets: crate::limit::Buckets,
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

    /// Ends all streams of notifications that clients have open, and runs the `on_shutdown` functions of the server, once, if it
    /// was started.
    ///
    /// # Errors
    ///
    /// The first error of the functions. All of them run nevertheless.
    pub async fn shutdown(&self) -> Result<(), Error> {
        self.0.live.hub.end();
        self.stop().await
    }

    /// Runs the `on_shutdown` functions alone.
    pub(crate) async fn stop(&self) -> Result<(), Error> {
        let stopped = self.0.lifespan.shutdown().await;
        #[cfg(feature = "audit")]
        if let Some(audit) = &self.0.audit {
            audit.flush().await;
        }
        stopped.map_err(Error::Lifespan)
    }

    /// A handle to change the server while it serves.
    ///
    /// Ask for it before anything is served: clients are told at first whether the server can change.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(&self.0.live)
    }

    /// What is served at this moment.
    pub(crate) fn registry(&self) -> Current<'_> {
        self.0.live.registry()
    }

    /// What the server says about itself.
    pub(crate) fn info(&self) -> InitializeResult {
        let mut info = self.0.info.clone();
        if self.0.live.is_dynamic() {
            make_dynamic(&mut info.capabilities);
            let completes = self.registry().completes();
            info.capabilities.completions = completes.then(Default::default);
        }
        info
    }

    /// What the server says about itself where there are no sessions.
    pub(crate) fn discovered(&self) -> DiscoverResult {
        let settings = &self.0.settings;
        let hints = CacheHints::new(settings.list_ttl, settings.public_lists);
        DiscoverResult::from_server_info(self.0.settings.versions.to_vec(), self.info())
            .with_ttl_ms(hints.ttl_ms)
            .with_cache_scope(hints.scope)
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    pub(crate) fn downgrade(&self) -> WeakService {
        WeakService(Arc::downgrade(&self.0))
    }
}

/// All lists can change, also those that are empty, and clients can subscribe to resources.
fn make_dynamic(capabilities: &mut ServerCapabilities) {
    capabilities.tools.get_or_insert_default().list_changed = Some(true);
    capabilities.prompts.get_or_insert_default().list_changed = Some(true);
    let resources = capabilities.resources.get_or_insert_default();
    resources.list_changed = Some(true);
    resources.subscribe = Some(true);
}

/// Builds the server, as [`Server::build`] does.
impl TryFrom<Server> for Service {
    type Error = Error;

    fn try_from(server: Server) -> Result<Self, Error> {
        server.build()
    }
}
