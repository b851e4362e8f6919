//! Logs: [`init`] writes them to standard error, [`ClientLayer`] forwards what handlers tell to their clients.
//!
//! The protocol has deprecated the log that clients see.

mod fields;
mod init;

pub use init::{init, layer};

use std::{cell::Cell, error::Error, fmt};

use serde_json::{Map, Value};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer as of_layer};

use crate::{Context, LogLevel, context::notification};

/// A layer of a `tracing` subscriber that forwards the events of a handler to the client that called it.
///
/// An event belongs to a handler if it happens in it or in a task of [`Context::spawn`]. It is forwarded if the server has
/// [`Server::client_logging`](crate::Server::client_logging) and if the client wants to be told of its level. The message of
/// the event and its fields are the data, its target is the logger; spans are left out.
///
/// Whatever is forwarded can be seen by the client, also what libraries tell: a filter should name what may be.
///
/// It never waits. If a client does not keep up, some messages are lost, and it is told how many.
///
/// ```
/// use mcp_runtime::logging::ClientLayer;
/// use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, registry};
///
/// let mine = Targets::new().with_target("my_server", tracing::Level::INFO);
/// let subscriber = registry().with(ClientLayer::new().with_filter(mine));
/// # tracing::subscriber::with_default(subscriber, || {});
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientLayer(());

impl ClientLayer {
    /// The layer.
    #[must_use]
    pub fn new() -> Self {
        Self(())
    }
}

impl<S: Subscriber> Layer<S> for ClientLayer {
    fn on_event(&self, event: &Event<'_>, _: of_layer::Context<'_, S>) {
        // What is told while an event is forwarded is not forwarded itself.
        let Some(_forwarding) = Forwarding::begin() else {
            return;
        };
        let level = level(*event.metadata().level());
        if let Some(context) = Context::current().filter(|context| context.logs(level)) {
            let mut fields = Fields(Map::new());
            event.record(&mut fields);
            let logger = event.metadata().target();
            context.post(notification(level, Some(logger), fields.0.into()));
        }
    }
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warning,
        Level::INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

thread_local! {
    static FORWARDS: Cell<bool> = const { Cell::new(false) };
}

/// The thread forwards an event as long as this lives.
struct Forwarding;

impl Forwarding {
    /// `None` if the thread is forwarding one already, or if it is about to end.
    fn begin() -> Option<Self> {
        let forwards = FORWARDS.try_with(|forwards| forwards.replace(true));
        (forwards == Ok(false)).then_some(Self)
    }
}

impl Drop for Forwarding {
    fn drop(&mut self) {
        // It was there when this began.
        let _ = FORWARDS.try_with(|forwards| forwards.set(false));
    }
}

/// The fields of an event as JSON.
struct Fields(Map<String, Value>);

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.add(field, value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }
}
