//! [`AskError`]: why a question has no answer.

use std::{error::Error, fmt};

use serde_json::{Map, Value};

use crate::{protect, refusal::shown};

/// Why a question has no answer.
///
/// With `?` it ends the call, and the model reads the reason, also if an error of yours has it as its source. A handler
/// that can go on without the answer matches on it:
///
/// ```
/// use mcp_runtime::{AskError, CallError, Context, schemars::JsonSchema, serde::Deserialize, tool};
///
/// #[derive(Deserialize, JsonSchema)]
/// # #[serde(crate = "mcp_runtime::serde")]
/// # #[schemars(crate = "mcp_runtime::schemars")]
/// struct Color {
///     color: String,
/// }
///
/// /// Paints the house.
/// #[tool]
/// async fn paint(ctx: Context) -> Result<String, CallError> {
///     let color = match ctx.elicit::<Color>("color", "Which color?").await {
///         Ok(answer) => answer.color,
///         Err(AskError::Declined | AskError::Unavailable { .. }) => "white".to_owned(),
///         Err(error) => return Err(error.into()),
///     };
///     Ok(format!("painted {color}"))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskError {
    /// The user does not want to answer.
    Declined,
    /// The user put the question away without an answer.
    Cancelled,
    /// The client has not declared that it can be asked this.
    #[non_exhaustive]
    Unavailable {
        /// The capability that it lacks, such as `elicitation.form`.
        capability: &'static str,
    },
    /// Nobody answered in time.
    TimedOut,
    /// The client could not ask, or gave no answer that fits the question.
    #[non_exhaustive]
    Failed {
        /// What went wrong, in words for the model.
        reason: String,
    },
    /// The call has ended: what is left of it in other tasks asks nobody any more.
    Ended,
    /// The handler asked what cannot be asked, such as a form that is not flat. Internal: only the log tells.
    #[non_exhaustive]
    Misused {
        /// What is wrong with the question.
        problem: String,
    },
}

impl AskError {
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::Failed { reason }
    }

    /// The client answered with an error; `message` is its text.
    pub(crate) fn refused(message: &str) -> Self {
        Self::failed(format!("the client refused it: {}", shown(message)))
    }

    pub(crate) fn misused(problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self::Misused { problem }
    }

    /// The reason that stands behind an error, if a question without an answer is and a client may know.
    pub(crate) fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found).filter(|found| !matches!(found, Self::Misused { .. }));
            }
            next = error.source();
        }
        None
    }

    /// The name of the reason for programs, and whether the same call may succeed when it is made again.
    pub(crate) fn kind(&self) -> (&'static str, bool) {
        match self {
            Self::Declined => ("declined", false),
            Self::Cancelled => ("cancelled", true),
            Self::Unavailable { .. } => ("unavailable", false),
            Self::TimedOut => ("unanswered", true),
            Self::Failed { .. } => ("unanswered", false),
            Self::Ended | Self::Misused { .. } => ("internal", false),
        }
    }

    /// The capabilities that a client needs, in the shape of those that it declares.
    pub(crate) fn required(capability: &str) -> Value {
        let object = |inner, name: &str| Map::from_iter([(name.to_owned(), inner)]).into();
        capability.rsplit('.').fold(Map::new().into(), object)
    }
}

/// Text for the model.
impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined => f.write_str("the user declined to answer"),
            Self::Cancelled => f.write_str("the user put the question away without an answer"),
            Self::Unavailable { capability } => {
                write!(
                    f,
                    "this needs a question that the client cannot be asked: it lacks `{capability}`"
                )
            }
            Self::TimedOut => f.write_str("nobody answered the question in time"),
            Self::Failed { reason } => write!(f, "the question has no answer: {reason}"),
            Self::Ended => f.write_str("the call has ended: nobody can be asked any more"),
            Self::Misused { problem } => f.write_str(problem),
        }
    }
}

impl Error for AskError {}

/// Whether an error says no more to a client than a reference.
pub(crate) fn is_masked(error: &(dyn Error + 'static)) -> bool {
    AskError::behind(error).is_none() && protect::told(error).is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::CallError;

    #[derive(Debug)]
    struct Outer(AskError);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("secret words")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn the_reason_is_found_behind_other_errors() {
        assert_eq!(
            AskError::behind(&Outer(AskError::Declined)),
            Some(&AskError::Declined)
        );
        assert!(!CallError::from(Outer(AskError::TimedOut)).is_internal());
        assert!(is_masked(&Outer(AskError::misused("the author's"))));
        assert!(is_masked(&fmt::Error));
    }

    #[test]
    fn a_capability_is_told_in_the_shape_of_the_protocol() {
        assert_eq!(AskError::required("sampling"), json!({ "sampling": {} }));
        let form = json!({ "elicitation": { "form": {} } });
        assert_eq!(AskError::required("elicitation.form"), form);
    }
}
