//! Failures: how layers see those of handlers, and what a client is told of a layer that gave up.

use std::{error::Error, fmt, time::Duration};

use serde_json::{Value, json};
use tower::{load_shed::error::Overloaded, timeout::error::Elapsed};

use super::BoxError;
use crate::{CallError, outcome::Failure, registry::Input};

/// A [`CallError`] as the error of a layer, which has to be one of the standard library: the client is told what it would be told if
/// the handler had failed with it.
///
/// ```
/// use mcp_runtime::{CallError, layer::{CallRequest, CallResponse, Next, BoxError, Refusal}};
///
/// async fn known_callers(request: CallRequest, next: Next) -> Result<CallResponse, BoxError> {
///     if request.context().principal().is_none() {
///         return Err(Refusal::from(CallError::new("Say who you are.")).into());
///     }
///     next.run(request).await
/// }
/// ```
pub struct Refusal(CallError);

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        Self(error)
    }
}

impl Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Failure {
    /// What kind of failure it is, as it stands in `_meta`: `failed` for what a handler says itself, `internal` for what is masked,
    /// `invalid_arguments`, `not_found`, `timed_out`, `overloaded` and others.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.value["kind"].as_str().unwrap_or_default()
    }

    /// The text, as the model reads it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.text
    }

    /// Whether the same call may succeed when it is made again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.value["retryable"] == true
    }

    /// After which time the same call may succeed, if the handler says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.value["retryAfterMs"]
            .as_u64()
            .map(Duration::from_millis)
    }

    /// What programs are told of it.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The failure of a call of the handler `name` on which a layer gave up.
    pub(crate) fn of_layer(name: &str, error: BoxError, input: &Input) -> Self {
        let error = match error.downcast::<Refusal>() {
            Ok(refusal) => return Self::of(name, refusal.0, input),
            Err(error) => error,
        };
        if is_behind::<Elapsed>(&*error) {
            let text = format!("`{name}` gave no answer in time and was ended.");
            let value = json!({ "kind": "timed_out", "retryable": true });
            return Self::told(text, value);
        }
        if is_behind::<Overloaded>(&*error) {
            let text = format!("`{name}` has too much to do at the moment: try it again later.");
            let value = json!({ "kind": "overloaded", "retryable": true });
            return Self::told(text, value);
        }
        Self::of(name, CallError::internal(error), input)
    }
}

/// Whether a layer gave up for a reason that passes.
pub(super) fn is_passing(error: &(dyn Error + 'static)) -> bool {
    is_behind::<Elapsed>(error) || is_shed(error)
}

/// Whether a layer gave up because there was too much to do.
pub(super) fn is_shed(error: &(dyn Error + 'static)) -> bool {
    is_behind::<Overloaded>(error)
}

/// Whether an error, or one that caused it, is of a type.
fn is_behind<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    let mut error = Some(error);
    std::iter::from_fn(|| {
        let this = error?;
        error = this.source();
        Some(this)
    })
    .any(<dyn Error>::is::<E>)
}
