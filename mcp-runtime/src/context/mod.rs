//! [`Context`]: what a handler knows of its call, and how it talks to the client while it runs.

#[cfg(feature = "layer")]
mod again;
mod amount;
mod ask;
mod caller;
mod cancel;
mod current;
mod emit;
#[cfg(feature = "http")]
mod feed;
#[cfg(feature = "cache")]
mod keeping;
mod log;
mod nested;
mod notice;
#[cfg(feature = "otel")]
mod otel;
mod outbox;
#[cfg(feature = "logging")]
mod post;
mod progress;
mod report;
mod spawn;
mod state;
mod stream;
mod tenant;
mod trace;
mod track;

pub use amount::Amount;
pub(crate) use ask::{ASK_TIMEOUT, Asking, InputRequest, Parent, Round, check_form, is_masked};
pub use ask::{Ask, AskError, Root, Sample, Sampling};
pub(crate) use caller::{Caller, Client, Resumed, Sink};
pub(crate) use cancel::Cancel;
#[cfg(feature = "http")]
pub(crate) use feed::{Back, Feed};
pub use log::LogLevel;
#[cfg(feature = "logging")]
pub(crate) use log::notification;
pub(crate) use log::{Least, required_level, set_level_of_session};
pub use nested::{Called, Reading};
pub(crate) use notice::Notice;
pub(crate) use outbox::{Inquiry, Outbox, Outgoing, Posted, Ticket};
pub use state::State;
pub(crate) use state::States;
pub(crate) use trace::CallSpan;
pub use trace::TraceContext;
#[cfg(feature = "audit")]
pub(crate) use trace::trace_id;
pub use track::{Track, TrackIter};

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU32},
    time::{Duration, Instant},
};

use rmcp::model::ProtocolVersion;
use serde_json::Value;
use tokio::time;

use self::report::Reports;
use crate::{Call, CallError, FromCall, Principal, Service, guard::Tenants};

/// The context of one call: a parameter of a handler, which no client sees. Cloning is cheap.
///
/// ```
/// use mcp_runtime::{Context, tool};
///
/// /// Counts to a number.
/// #[tool]
/// async fn count(ctx: Context, to: u32) -> u32 {
///     for step in 1..=to {
///         ctx.progress(step, to, "counting").await;
///     }
///     to
/// }
/// ```
///
/// A handler is called as a plain function with [`Context::detached`].
#[derive(Clone)]
pub struct Context(Arc<Shared>);

struct Shared {
    caller: Arc<Caller>,
    /// The server that runs the call; a plain function has none.
    service: Option<Service>,
    states: Arc<States>,
    begun: time::Instant,
    timeout: Option<Duration>,
    reports: Reports,
    asking: Asking,
    /// How many calls this one has made.
    calls: AtomicU32,
    /// What the call is about as a whole.
    tenants: Tenants,
}

impl Context {
    /// A context without a client and without state: what it reports goes nowhere.
    #[must_use]
    pub fn detached() -> Self {
        let caller = Caller::detached();
        Self::new(caller.into(), None, Arc::default(), None, Asking::default())
    }

    pub(crate) fn new(
        caller: Arc<Caller>,
        service: Option<Service>,
        states: Arc<States>,
        timeout: Option<Duration>,
        asking: Asking,
    ) -> Self {
        let token = caller.meta.get_progress_token();
        let version = caller.version.clone();
        let reports = match &service {
            Some(service) => {
                let settings = &service.parts().settings;
                Reports::new(
                    token,
                    version,
                    settings.progress_interval,
                    settings.max_result_bytes,
                )
            }
            None => Reports::new(token, version, Duration::ZERO, usize::MAX),
        };
        Self(Arc::new(Shared {
            caller,
            service,
            states,
            begun: time::Instant::now(),
            timeout,
            reports,
            asking,
            calls: AtomicU32::new(0),
            tenants: Tenants::default(),
        }))
    }

    /// Completes when the client takes the request back or goes away.
    ///
    /// The call is dropped then by itself, at its next `await`: this is for work that was handed to other tasks.
    pub async fn cancelled(&self) {
        self.0.caller.cancel.token().cancelled().await;
    }

    /// Whether the client has taken the request back or has gone away.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.caller.cancel.is_cancelled()
    }

    /// The point in time at which the call will be ended, if there is one.
    ///
    /// While a question to the client is open in place, the deadline moves on with the time.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let own = self.moved_deadline().map(time::Instant::into_std);
        let outer = self.outer().and_then(Self::deadline);
        own.into_iter().chain(outer).min()
    }

    /// The id that the client gave the request.
    #[must_use]
    pub fn request_id(&self) -> String {
        self.0.caller.id.to_string()
    }

    /// The revision of the protocol that the request is served in, such as `2025-11-25`.
    #[must_use]
    pub fn protocol_version(&self) -> &str {
        self.0.caller.version.as_str()
    }

    /// The name and the version of the client, as it told them: for logs, never for decisions.
    #[must_use]
    pub fn client(&self) -> Option<(&str, &str)> {
        let client = self.0.caller.client.info.as_ref()?;
        Some((&client.name, &client.version))
    }

    /// What the client says it can do, as it said it: the `ClientCapabilities` of the protocol.
    #[must_use]
    pub fn client_capabilities(&self) -> Value {
        serde_json::to_value(&self.0.caller.client.capabilities).unwrap_or_default()
    }

    /// Who asks, if the transport or the server knows it.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        let of_server = || self.0.service.as_ref()?.parts().settings.principal.as_ref();
        self.0.caller.principal.as_ref().or_else(of_server)
    }

    /// An entry of the request's `_meta`.
    #[must_use]
    pub fn meta(&self, key: &str) -> Option<&Value> {
        let Caller { meta, client, .. } = &*self.0.caller;
        meta.get(key).or_else(|| client.told.get(key))
    }

    /// The shared state of type `T`, as a [`State`] parameter gets it.
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<State<T>> {
        self.0.states.get()
    }

    /// A value that a transport or a middleware added to the request.
    #[must_use]
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.caller.extension()
    }

    pub(crate) fn version(&self) -> &ProtocolVersion {
        &self.0.caller.version
    }

    /// What the transport knows of the request.
    #[cfg(feature = "layer")]
    pub(crate) fn caller(&self) -> Arc<Caller> {
        Arc::clone(&self.0.caller)
    }

    /// The server that runs the call.
    pub(crate) fn service(&self) -> Option<&Service> {
        self.0.service.as_ref()
    }

    /// How long the call may take.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.0.timeout
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("request_id", &self.0.caller.id)
            .field("protocol_version", &self.protocol_version())
            .finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl FromCall for Context {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        Ok(call.context().clone())
    }
}
