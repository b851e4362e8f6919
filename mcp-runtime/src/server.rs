//! [`Server`]: the builder.

mod asking;
mod guarding;
mod handle;
#[cfg(feature = "layer")]
mod layering;
#[cfg(feature = "limits")]
mod limiting;
#[cfg(any(feature = "audit", feature = "prometheus"))]
mod observing;
mod reporting;
mod serving;

pub use handle::ServerHandle;

use std::{any::TypeId, fmt, sync::Arc, time::Duration};

use rmcp::model::{Implementation, InitializeResult, ServerCapabilities};

use crate::{
    Error, Icon, IntoHandlers, Principal, Result, State,
    argument::Requirements,
    compat,
    context::ASK_TIMEOUT,
    guard::Rules,
    handlers::Component,
    lifespan::Lifespan,
    live::{Live, missing},
    registry::Registry,
    service::{Parts, Service, Settings},
    transport::known::LastClient,
};

/// The deadline of a call, unless the handler or the server says otherwise.
const TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// The time between two notifications of progress, unless the server says otherwise.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(20);

/// The largest result of a tool, unless the server says otherwise, in bytes.
const MAX_RESULT: usize = 16 * 1024 * 1024;

/// The longest line of a client, unless the server says otherwise, in bytes.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// A server being put together.
///
/// ```
/// use mcp_runtime::{Server, State, handlers, tool};
///
/// struct Greeting(&'static str);
///
/// /// Greets somebody.
/// #[tool]
/// fn greet(greeting: State<Greeting>, name: String) -> String {
///     format!("{}, {name}", greeting.0)
/// }
///
/// let server = Server::new("greeter", env!("CARGO_PKG_VERSION"))
///     .state(Greeting("hello"))
///     .add(handlers![greet]);
/// # server.build()?;
/// # Ok::<(), mcp_runtime::Error>(())
/// ```
///
/// Mistakes are collected and told all at once by [`build`](Self::build), which every way of serving calls.
#[must_use = "a server does nothing until it is served"]
pub struct Server {
    info: Implementation,
    instructions: Option<String>,
    components: Vec<Component>,
    lifespan: Lifespan,
    /// The types of the states that are made at start.
    made: Vec<TypeId>,
    /// The types of the states that functions at shutdown read.
    ended: Requirements,
    settings: Settings,
    /// The keys of [`request_state_key`](Self::request_state_key).
    keys: Vec<[u8; 32]>,
    live: Arc<Live>,
    problems: Vec<String>,
    rules: Rules,
    #[cfg(feature = "audit")]
    audit: Option<crate::audit::Running>,
    #[cfg(feature = "layer")]
    layers: Vec<crate::layer::Stack>,
}

impl Server {
    /// A server with the name and the version that clients see; usually `env!("CARGO_PKG_VERSION")`.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            info: Implementation::new(name, version),
            instructions: None,
            components: Vec::new(),
            lifespan: Lifespan::default(),
            made: Vec::new(),
            ended: Requirements::default(),
            settings: Settings {
                principal: None,
                timeout: Some(TIMEOUT),
                ask_timeout: ASK_TIMEOUT,
                page_size: None,
                coerce_arguments: false,
                validate_output: cfg!(debug_assertions),
                max_result_bytes: MAX_RESULT,
                max_line_bytes: MAX_LINE,
                list_ttl: Duration::ZERO,
                public_lists: false,
                versions: compat::VERSIONS,
                progress_interval: PROGRESS_INTERVAL,
                client_logging: false,
                #[cfg(feature = "limits")]
                buckets: crate::limit::Buckets::default(),
                #[cfg(feature = "prometheus")]
                metrics: false,
            },
            keys: Vec::new(),
            live: Arc::default(),
            problems: Vec::new(),
            rules: Rules::default(),
            #[cfg(feature = "audit")]
            audit: None,
            #[cfg(feature = "layer")]
            layers: Vec::new(),
        }
    }

    /// A name for people.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.info.title = Some(title.into());
        self
    }

    /// What the server is for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.info.description = Some(description.into());
        self
    }

    /// The web site of the server.
    pub fn website(mut self, url: impl Into<String>) -> Self {
        self.info.website_url = Some(url.into());
        self
    }

    /// Adds an icon of the server.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.info
            .icons
            .get_or_insert_default()
            .push(icon.into_model());
        self
    }

    /// How the model should use the server, in a few sentences.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = Some(instructions.into());
        self
    }

    /// Adds handlers behind those that are there. Clients see them in this order.
    ///
    /// ```
    /// use mcp_runtime::{Server, group, handlers, tool};
    ///
    /// #[group]
    /// mod math {
    ///     use mcp_runtime::tool;
    ///
    ///     /// Adds two numbers.
    ///     #[tool]
    ///     pub fn add(a: i64, b: i64) -> i64 {
    ///         a + b
    ///     }
    /// }
    ///
    /// /// Says hello.
    /// #[tool]
    /// fn hello() -> String {
    ///     "hello".to_owned()
    /// }
    ///
    /// let server = Server::new("example", "1.0.0").add(math::handlers()).add(handlers![hello]);
    /// # server.build()?;
    /// # Ok::<(), mcp_runtime::Error>(())
    /// ```
    #[expect(
        clippy::should_implement_trait,
        reason = "a builder adds; nobody writes `server + handlers`"
    )]
    pub fn add(mut self, handlers: impl IntoHandlers) -> Self {
        self.components.extend(handlers.into_handlers().components);
        self
    }

    /// Adds the handlers of all functions of the program that carry `#[tool]`, `#[resource]` or `#[prompt]`, ordered by file
    /// and line. Methods are not among them.
    #[cfg(feature = "inventory")]
    pub fn collect(mut self) -> Self {
        self.components.extend(crate::handlers::collected());
        self
    }

    /// Adds a state, which handlers get as [`State<T>`].
    pub fn state<T: Send + Sync + 'static>(mut self, state: T) -> Self {
        if !self.lifespan.given.insert(state) {
            self.problems.push(twice::<T>());
        }
        self
    }

    /// Adds a state that is made when the server starts, before the first request is answered.
    ///
    /// If `start` fails, the server does not start.
    ///
    /// ```
    /// # use mcp_runtime::{Server, State};
    /// struct Pool;
    ///
    /// impl Pool {
    ///     async fn connect() -> std::io::Result<Self> {
    ///         Ok(Self)
    ///     }
    ///     async fn close(&self) {}
    /// }
    ///
    /// let server = Server::new("example", "1.0.0")
    ///     .on_start(Pool::connect)
    ///     .on_shutdown(async |pool: State<Pool>| {
    ///         pool.close().await;
    ///         Ok::<(), std::io::Error>(())
    ///     });
    /// ```
    pub fn on_start<T, E, F, Fut>(mut self, start: F) -> Self
    where
        T: Send + Sync + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        if self.made.contains(&TypeId::of::<T>()) {
            self.problems.push(twice::<T>());
        }
        self.made.push(TypeId::of::<T>());
        self.lifespan.on_start(start);
        self
    }

    /// Adds a function that runs when the server has stopped, with a state to end. The last one runs first.
    pub fn on_shutdown<T, E, F, Fut>(mut self, stop: F) -> Self
    where
        T: Send + Sync + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
        F: Fn(State<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.ended.state::<T>();
        self.lifespan.on_shutdown(stop);
        self
    }

    /// Who all callers are of which the transport knows nothing: for a server that runs on behalf of one person.
    pub fn principal(mut self, principal: Principal) -> Self {
        self.settings.principal = Some(principal);
        self
    }

    /// The deadline of every call whose handler has none of its own: five minutes unless this says otherwise, `None` for
    /// no deadline. A call that misses it is dropped and answered with an error.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.settings.timeout = timeout.into();
        self
    }

    /// How many definitions a page of a list holds; without it, a list is one page.
    pub fn page_size(mut self, definitions: usize) -> Self {
        if definitions == 0 {
            self.problems.push("`page_size` must be at least 1".into());
        }
        self.settings.page_size = Some(definitions.max(1));
        self
    }

    /// Whether arguments are read leniently: `"7"` for an integer, JSON text for a list or an object, `null` for an argument
    /// that may be left out. Only where the schema leaves no doubt. Off unless this turns it on.
    pub fn coerce_arguments(mut self, yes: bool) -> Self {
        self.settings.coerce_arguments = yes;
        self
    }

    /// Whether structured results are checked against the output schema that the tool advertises. On in debug builds, off
    /// in release builds, unless this says otherwise. A result that breaks its schema is an internal error.
    ///
    /// A result with a `null` is checked always: JSON has no other word for `NaN` and the infinities.
    pub fn validate_output(mut self, yes: bool) -> Self {
        self.settings.validate_output = yes;
        self
    }

    /// The largest result of a tool, in bytes of its contents: 16 MiB unless this says otherwise. A larger one becomes an
    /// error that the model reads.
    pub fn max_result_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_result_bytes = bytes;
        self
    }

    /// The longest message that is read from a stream, in bytes: 16 MiB unless this says otherwise. A longer one is skipped
    /// without being kept in memory, and answered with an error.
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_line_bytes = bytes;
        self
    }

    /// Checks everything and makes the server ready to serve.
    ///
    /// # Errors
    ///
    /// [`Error::Build`] with everything that is wrong: two handlers of the same name, a [`State`] that nobody registered,
    /// templates that match the same URIs, a schema that is not valid.
    pub fn build(self) -> Result<Service> {
        let mut problems = self.problems;
        let mut requirements = Vec::new();
        let older = self.settings.versions.len() > compat::VERSIONS.len();
        let registry = Registry::new(self.components, older, &mut requirements, &mut problems);
        requirements.push(("`on_shutdown`".to_owned(), self.ended));
        let states = self.lifespan.given.types().chain(self.made).collect();
        problems.extend(missing(&requirements, &states));
        if self.info.name.trim().is_empty() {
            problems.push("the name of the server must not be empty".into());
        }
        let seal = asking::seal(self.keys, &mut problems);
        if !problems.is_empty() {
            return Err(Error::Build(problems));
        }
        let mut info = InitializeResult::new(capabilities(&registry, &self.settings))
            .with_server_info(self.info);
        info.instructions = self.instructions;
        let identity = serde_json::to_value(&info.server_info).unwrap_or_default();
        let (settings, lifespan) = (self.settings, self.lifespan);
        if requirements.iter().any(|(_, needs)| needs.handle) {
            self.live.set_dynamic();
        }
        self.live.start(registry, states);
        Ok(Service::new(Parts {
            live: self.live,
            settings,
            info,
            signature: compat::signature(&identity),
            last_client: LastClient::default(),
            identity,
            lifespan,
            seal,
            rules: self.rules,
            #[cfg(feature = "audit")]
            audit: self.audit,
            #[cfg(feature = "layer")]
            layers: self.layers,
        }))
    }
}

/// What is served, and nothing else.
fn capabilities(registry: &Registry, settings: &Settings) -> ServerCapabilities {
    let mut capabilities = ServerCapabilities::default();
    capabilities.tools = registry.has_tools().then(Default::default);
    capabilities.resources = registry.has_resources().then(Default::default);
    capabilities.completions = registry.completes().then(Default::default);
    capabilities.prompts = registry.has_prompts().then(Default::default);
    capabilities.logging = settings.client_logging.then(Default::default);
    capabilities
}

fn twice<T>() -> String {
    format!(
        "two states of type `{}` are registered: wrap one of them into a type of its own",
        std::any::type_name::<T>()
    )
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("info", &self.info)
            .field("components", &self.components)
            .finish_non_exhaustive()
    }
}
