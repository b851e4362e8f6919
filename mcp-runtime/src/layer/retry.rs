//! [`RetryPolicy`]: when to try again.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep};
use tower::retry::{
    Policy,
    budget::{Budget, TpsBudget},
};

use super::{BoxError, CallRequest, CallResponse, Failure, failure::is_passing};

/// A policy for tower's `RetryLayer`: tries failed calls again, with growing pauses of random length.
///
/// ```
/// use mcp_runtime::{CallError, Server, handlers, layer::RetryPolicy, tool};
/// use tower::retry::RetryLayer;
///
/// /// Tells the weather.
/// #[tool(read_only)]
/// async fn weather(city: String) -> Result<String, CallError> {
///     // … asks a service somewhere; what may go better next time is an error with `retry_after`.
///     Ok(format!("sunny in {city}"))
/// }
///
/// let retries = RetryLayer::new(RetryPolicy::new(3));
/// let server = Server::new("weather", "1.0.0").add(handlers![weather].layer(retries));
/// # server.build()?;
/// # Ok::<(), mcp_runtime::Error>(())
/// ```
///
/// Tried again are missed deadlines, refusals for lack of room, and errors of a handler that say
/// [`retry_after`](crate::CallError::retry_after); never wrong arguments and internal errors. A handler that is neither read-only nor
/// idempotent is only tried again if it has not run. There is no further try that the deadline of the call would end, or for which the
/// failure asks for a longer pause than [`longest_pause`](Self::longest_pause). And there is a budget: of all calls through the layer,
/// a fifth may be tries, besides ten a second, so that a server in trouble is not made busier.
#[derive(Clone)]
pub struct RetryPolicy {
    left: u32,
    pause: Duration,
    longest: Duration,
    budget: Arc<TpsBudget>,
}

impl RetryPolicy {
    /// So many tries after the first one.
    #[must_use]
    pub fn new(tries: u32) -> Self {
        Self {
            left: tries,
            pause: Duration::from_millis(100),
            longest: Duration::from_secs(5),
            budget: Arc::default(),
        }
    }

    /// The pause before the first further try, at most: 100 ms unless this says otherwise. Each one after it is twice as long.
    #[must_use]
    pub fn pause(mut self, time: Duration) -> Self {
        self.pause = time;
        self
    }

    /// The longest pause: five seconds unless this says otherwise.
    #[must_use]
    pub fn longest_pause(mut self, time: Duration) -> Self {
        self.longest = time;
        self
    }

    /// The time until the next try, if there is one.
    fn next(&mut self, request: &CallRequest, asked: Option<Duration>) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let pause = jittered(self.pause);
        self.pause = (self.pause * 2).min(self.longest);
        let pause = pause.max(asked.unwrap_or_default());
        if pause > self.longest {
            return None;
        }
        let deadline = request.context().deadline().map(Instant::from_std);
        let in_time = deadline.is_none_or(|deadline| Instant::now() + pause < deadline);
        (in_time && self.budget.withdraw()).then_some(pause)
    }
}

impl Policy<CallRequest, CallResponse, BoxError> for RetryPolicy {
    type Future = Sleep;

    fn retry(
        &mut self,
        request: &mut CallRequest,
        result: &mut Result<CallResponse, BoxError>,
    ) -> Option<Sleep> {
        let asked = match result {
            Ok(response) => match response.failure() {
                Some(failure) if may_pass(request, failure) => failure.retry_after(),
                Some(_) => return None,
                None => {
                    self.budget.deposit();
                    return None;
                }
            },
            Err(error) if request.component().idempotent() && is_passing(&**error) => None,
            Err(_) => return None,
        };
        self.next(request, asked).map(sleep)
    }

    fn clone_request(&mut self, request: &CallRequest) -> Option<CallRequest> {
        Some(request.clone())
    }
}

/// Whether the same call may come to something better.
fn may_pass(request: &CallRequest, failure: &Failure) -> bool {
    match failure.kind() {
        "rate_limited" | "rate_unknown" | "overloaded" | "circuit_open" => true,
        "failed" | "timed_out" => failure.is_retryable() && request.component().idempotent(),
        _ => false,
    }
}

/// A random time between the half and the whole, so that calls that failed together do not come back together.
fn jittered(time: Duration) -> Duration {
    let random = RandomState::new().hash_one(0);
    let half = time / 2;
    let nanos = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX);
    half + Duration::from_nanos(random.checked_rem(nanos).unwrap_or(0))
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryPolicy")
            .field("left", &self.left)
            .field("pause", &self.pause)
            .field("longest", &self.longest)
            .finish_non_exhaustive()
    }
}
