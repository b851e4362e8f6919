//! What is counted.

use std::time::Instant;

use metrics::{Gauge, counter, gauge, histogram};

use crate::observe::{End, Subject};

pub(super) const CALLS: &str = "mcp_calls_total";
pub(super) const ERRORS: &str = "mcp_call_errors_total";
pub(super) const DURATION: &str = "mcp_call_duration_seconds";
pub(super) const IN_FLIGHT: &str = "mcp_calls_in_flight";
pub(super) const RATE_LIMITED: &str = "mcp_calls_rate_limited_total";
pub(super) const SESSIONS: &str = "mcp_sessions";

/// The name that everything has in common that is not there.
const UNKNOWN: &str = "(unknown)";

/// A call that goes on. If this is dropped, it was taken back.
#[derive(Debug)]
pub(crate) struct Counted {
    in_flight: Gauge,
    kind: &'static str,
    name: &'static str,
    begun: Instant,
    ended: bool,
}

impl Counted {
    pub(crate) fn new(subject: &Subject<'_>) -> Self {
        let kind = subject.kind_name();
        let in_flight = gauge!(IN_FLIGHT, "kind" => kind);
        in_flight.increment(1);
        Self {
            in_flight,
            kind,
            name: subject.name.unwrap_or(UNKNOWN),
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
        counter!(CALLS, "kind" => kind, "name" => name, "outcome" => end.name()).increment(1);
        histogram!(DURATION, "kind" => kind, "name" => name).record(self.begun.elapsed());
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
