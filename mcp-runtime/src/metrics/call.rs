//! What is counted.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use metrics::{Gauge, Key, Level, Metadata, counter, gauge, with_recorder};

use crate::observe::{End, Subject};

pub(super) const CALLS: &str = "mcp_calls_total";
pub(super) const ERRORS: &str = "mcp_call_errors_total";
pub(super) const DURATION: &str = "mcp_call_duration_seconds";
pub(super) const IN_FLIGHT: &str = "mcp_calls_in_flight";
pub(super) const RATE_LIMITED: &str = "mcp_calls_rate_limited_total";
pub(super) const SESSIONS: &str = "mcp_sessions";

/// The name that everything has in common that is not there.
const UNKNOWN: &str = "(unknown)";

static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// The keys under which nearly every call of a handler is counted. To make one takes longer than to count.
#[derive(Debug)]
pub(crate) struct Keys {
    in_flight: Key,
    answered: Key,
    duration: Key,
}

impl Keys {
    fn new(kind: &'static str, name: &'static str) -> Self {
        let (kind, name) = (("kind", kind), ("name", name));
        let answered = ("outcome", End::Answered.name());
        Self {
            in_flight: Key::from_parts(IN_FLIGHT, &[kind]).to_retained(),
            answered: Key::from_parts(CALLS, &[kind, name, answered]).to_retained(),
            duration: Key::from_parts(DURATION, &[kind, name]).to_retained(),
        }
    }
}

/// The keys of a handler, once it has been called. What they stand for is looked up each time: a recorder may forget it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers(OnceLock<Arc<Keys>>);

impl Numbers {
    fn keys(&self, kind: &'static str, name: &'static str) -> Arc<Keys> {
        let made = || Arc::new(Keys::new(kind, name));
        Arc::clone(self.0.get_or_init(made))
    }
}

/// A call that goes on. If this is dropped, it was taken back.
#[derive(Debug)]
pub(crate) struct Counted {
    in_flight: Gauge,
    keys: Arc<Keys>,
    kind: &'static str,
    name: &'static str,
    begun: Instant,
    ended: bool,
}

impl Counted {
    pub(crate) fn new(subject: &Subject<'_>) -> Self {
        let kind = subject.kind_name();
        let name = subject.name.unwrap_or(UNKNOWN);
        let keys = match subject.numbers {
            Some(numbers) => numbers.keys(kind, name),
            None => Arc::new(Keys::new(kind, name)),
        };
        let in_flight = with_recorder(|to| to.register_gauge(&keys.in_flight, &METADATA));
        in_flight.increment(1);
        Self {
            in_flight,
            keys,
            kind,
            name,
            begun: Instant::now(),
            ended: false,
        }
    }

    pub(crate) fn end(mut self, end: &End<'_>) {
        self.count(end);
    }

    fn count(&mut self, end: &End<'_>) {
        self.ended = true;
        let (kind, name) = (self.kind, self.name);
        self.in_flight.decrement(1);
        let calls = match end {
            End::Answered => {
                with_recorder(|to| to.register_counter(&self.keys.answered, &METADATA))
            }
            _ => counter!(CALLS, "kind" => kind, "name" => name, "outcome" => end.name()),
        };
        calls.increment(1);
        let duration = with_recorder(|to| to.register_histogram(&self.keys.duration, &METADATA));
        duration.record(self.begun.elapsed());
        if let End::Failed { kind: error, .. } = end {
            let label = (*error).to_owned();
            counter!(ERRORS, "kind" => kind, "name" => name, "error" => label).increment(1);
            if *error == "rate_limited" {
                counter!(RATE_LIMITED, "kind" => kind, "name" => name).increment(1);
            }
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if !self.ended {
            self.count(&End::Cancelled);
        }
    }
}

/// A session that is open.
#[derive(Debug)]
pub(crate) struct OpenSession(());

impl OpenSession {
    pub(crate) fn new() -> Self {
        gauge!(SESSIONS).increment(1);
        Self(())
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        gauge!(SESSIONS).decrement(1);
    }
}
