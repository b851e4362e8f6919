//! [`Prometheus`]: the numbers in the form that Prometheus reads.

use std::{fmt, thread, time::Duration};

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::call::{CALLS, DURATION, ERRORS, IN_FLIGHT, RATE_LIMITED, SESSIONS};
use crate::{Error, Result};

/// The upper bounds of the buckets of durations, in seconds.
const BUCKETS: [f64; 15] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 300.0,
];

/// How often what was counted is put into buckets, so that it takes no memory if nobody reads it.
const UPKEEP: Duration = Duration::from_secs(5);

/// The numbers of this process, in the form that Prometheus reads. Cheap to clone.
#[derive(Clone)]
pub struct Prometheus(PrometheusHandle);

impl Prometheus {
    /// Makes Prometheus the recorder of this process.
    ///
    /// # Errors
    ///
    /// [`Error::Build`] if the process has a recorder already.
    pub fn install() -> Result<Self> {
        let problem = |error: &dyn fmt::Display| Error::Build(vec![format!("metrics: {error}")]);
        let durations = Matcher::Full(DURATION.to_owned());
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(durations, &BUCKETS)
            .map_err(|error| problem(&error))?
            .build_recorder();
        let prometheus = Self(recorder.handle());
        metrics::set_global_recorder(recorder).map_err(|error| problem(&error))?;
        describe();
        prometheus.keep_up()?;
        Ok(prometheus)
    }

    /// The numbers as text, for an application that serves them by itself: as `text/plain; version=0.0.4`.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    fn keep_up(&self) -> Result<()> {
        let handle = self.0.clone();
        let thread = thread::Builder::new().name("mcp-metrics".into());
        // It ends with the process, as the recorder does.
        thread.spawn(move || {
            loop {
                thread::sleep(UPKEEP);
                handle.run_upkeep();
            }
        })?;
        Ok(())
    }
}

impl fmt::Debug for Prometheus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prometheus").finish_non_exhaustive()
    }
}

fn describe() {
    describe_counter!(CALLS, "Calls, by how they ended.");
    describe_counter!(ERRORS, "Calls that have failed, by the kind of the error.");
    describe_histogram!(DURATION, Unit::Seconds, "How long calls took.");
    describe_gauge!(IN_FLIGHT, "Calls that go on.");
    describe_counter!(
        RATE_LIMITED,
        "Calls that a limit of their rate has refused."
    );
    describe_gauge!(SESSIONS, "Sessions that are open.");
}
