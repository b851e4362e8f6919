//! [`BreakerLayer`]: stops calling out to what is down.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tower_layer::Layer;

use super::{BoxError, CallResponse, Failure, failure::is_shed, standing_around};
use crate::CallError;

/// A circuit breaker: after some failures in a row it refuses calls for a time, so that neither the clients nor what the handlers
/// call out to have to wait for what will fail anyway. After that time one call tries: if it succeeds, all others go
/// through again.
///
/// It stands around the handlers that depend on the same thing:
///
/// ```
/// use std::time::Duration;
///
/// use mcp_runtime::{CallError, Server, handlers, layer::BreakerLayer, tool};
///
/// /// Tells the weather.
/// #[tool(read_only)]
/// async fn weather(city: String) -> Result<String, CallError> {
///     // … asks a service somewhere; `?` makes an internal error of what goes wrong there.
///     Ok(format!("sunny in {city}"))
/// }
///
/// let outside = BreakerLayer::new(5).open_for(Duration::from_secs(10));
/// let server = Server::new("weather", "1.0.0").add(handlers![weather].layer(outside));
/// # server.build()?;
/// # Ok::<(), mcp_runtime::Error>(())
/// ```
///
/// Failures are internal errors, missed deadlines, errors after which another try makes sense, and layers further in that give up.
/// What a model did wrong is none, nor is an error that the author made for it. [`fails_when`](Self::fails_when) says
/// otherwise.
///
/// A call that is no failure and has not come to its handler says nothing, and neither does one that has to ask the client first:
/// wrong arguments, a limit or another breaker further in. It closes no circuit, and the failures before it still count.
#[derive(Clone)]
#[must_use = "give it to `Server::layer` or `Handlers::layer`"]
pub struct BreakerLayer {
    failures: u32,
    open_for: Duration,
    fails: Fails,
}

type Fails = Arc<dyn Fn(&CallResponse) -> bool + Send + Sync>;

/// The service of [`BreakerLayer`].
#[derive(Clone, Debug)]
pub struct Breaker<S> {
    layer: Arc<BreakerLayer>,
    circuit: Arc<Circuit>,
    inner: S,
}

impl BreakerLayer {
    /// A breaker that opens after so many failures in a row, for thirty seconds.
    ///
    /// # Panics
    ///
    /// If the number is zero.
    #[track_caller]
    pub fn new(failures: u32) -> Self {
        assert!(failures > 0, "a breaker opens after at least one failure");
        Self {
            failures,
            open_for: Duration::from_secs(30),
            fails: Arc::new(is_down),
        }
    }

    /// For how long calls are refused before one tries again.
    pub fn open_for(mut self, time: Duration) -> Self {
        self.open_for = time;
        self
    }

    /// Which responses are failures.
    pub fn fails_when(
        mut self,
        fails: impl Fn(&CallResponse) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.fails = Arc::new(fails);
        self
    }

    /// Whether a call has failed; `None` if it says nothing about what the handler depends on.
    fn has_failed(&self, response: &Result<CallResponse, BoxError>) -> Option<bool> {
        match response {
            Err(error) if is_shed(&**error) => None,
            Err(_) => Some(true),
            Ok(response) if response.is_cancelled() => None,
            Ok(response) if (self.fails)(response) => Some(true),
            Ok(response) => says_something(response).then_some(false),
        }
    }
}

/// Whether a response says that what the handler depends on is down.
fn is_down(response: &CallResponse) -> bool {
    response
        .failure()
        .is_some_and(|failure| match failure.kind() {
            "internal" | "timed_out" => true,
            "failed" => failure.is_retryable(),
            _ => false,
        })
}

/// Whether a call that has not failed has come to its handler, and through it.
fn says_something(response: &CallResponse) -> bool {
    let kind = response.failure().map(Failure::kind);
    let is_turned_away = matches!(
        kind,
        Some(
            "invalid_arguments"
                | "unknown"
                | "stale"
                | "rate_limited"
                | "rate_unknown"
                | "overloaded"
                | "circuit_open"
        )
    );
    !is_turned_away && !response.is_input_required()
}

impl<S> Layer<S> for BreakerLayer {
    type Service = Breaker<S>;

    fn layer(&self, inner: S) -> Breaker<S> {
        Breaker {
            layer: Arc::new(self.clone()),
            circuit: Arc::default(),
            inner,
        }
    }
}

standing_around!(Breaker, |mut ready, request| {
    let trial = match Trial::begin(&ready.circuit) {
        Ok(trial) => trial,
        Err(left) => {
            let problem = format!("what `{}` needs is down", request.name());
            return Ok(request.refuse(CallError::busy("circuit_open", &problem, left)));
        }
    };
    let response = ready.inner.call(request).await.map_err(Into::into);
    match ready.layer.has_failed(&response) {
        Some(failed) => trial.end(failed, &ready.layer),
        None => drop(trial),
    }
    response
});

#[derive(Debug, Default)]
struct Circuit(Mutex<State>);

#[derive(Clone, Copy, Debug)]
enum State {
    /// Calls go through; so many in a row have failed.
    Closed { failures: u32 },
    /// Calls are refused.
    Open { until: Instant },
    /// One call tries.
    Tried,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Circuit {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that goes through.
struct Trial {
    circuit: Arc<Circuit>,
    /// It is the one on which all others depend.
    decides: bool,
}

impl Trial {
    /// Lets a call through, or says how long none will be, if that is known.
    fn begin(circuit: &Arc<Circuit>) -> Result<Self, Option<Duration>> {
        let mut state = circuit.lock();
        let decides = match *state {
            State::Closed { .. } => false,
            State::Open { until } => {
                let left = until.saturating_duration_since(Instant::now());
                if !left.is_zero() {
                    return Err(Some(left));
                }
                *state = State::Tried;
                true
            }
            State::Tried => return Err(None),
        };
        Ok(Self {
            circuit: Arc::clone(circuit),
            decides,
        })
    }

    fn end(mut self, failed: bool, layer: &BreakerLayer) {
        let mut state = self.circuit.lock();
        let failures = match *state {
            _ if std::mem::take(&mut self.decides) => layer.failures - 1,
            State::Closed { failures } => failures,
            // It began before the circuit was opened.
            State::Open { .. } | State::Tried => return,
        };
        *state = match failed {
            false => State::default(),
            true if failures + 1 < layer.failures => State::Closed {
                failures: failures + 1,
            },
            true => {
                tracing::warn!(time = ?layer.open_for, "a circuit is open: too many calls have failed");
                State::Open {
                    until: Instant::now() + layer.open_for,
                }
            }
        };
    }
}

impl Drop for Trial {
    /// A call that comes to no end, or says nothing, decides nothing: the next one tries.
    fn drop(&mut self) {
        if self.decides {
            *self.circuit.lock() = State::Open {
                until: Instant::now(),
            };
        }
    }
}

impl fmt::Debug for BreakerLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerLayer")
            .field("failures", &self.failures)
            .field("open_for", &self.open_for)
            .finish_non_exhaustive()
    }
}
