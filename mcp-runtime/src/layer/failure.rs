//! Failures: how layers see those of handlers, and what a client is told of a layer that gave up.

use std::{error::Error, fmt, time::Duration};

use serde_json::{Value, json};
use tower::{load_shed::error::Overloaded, timeout::error::Elapsed};

use super::BoxError;
use crate::{CallError, outcome::Failure, registry::Input};

/// A [`CallError`] on its way through layers, which want an error of the standard library.
struct Carried(CallError);

/// So that a layer can fail with a [`CallError`]: the client reads its text.
impl From<CallError> for BoxError {
    fn from(error: CallError) -> Self {
        Box::new(Carried(error))
    }
}

impl Error for Carried {}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Carried {
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
        let error = match error.downcast::<Carried>() {
            Ok(carried) => return Self::of(name, carried.0, input),
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
    is_behind::<Elapsed>(error) || is_behind::<Overloaded>(error)
}

/// Whether an error, or one that caused it, is of a type.
fn is_behind<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    let mut error = Some(error);
    std::iter::from_fn(|| {
        let this = error?;
        error = this.source();
        Some(this)
    })
    .any(|error| error.is::<E>())
}
