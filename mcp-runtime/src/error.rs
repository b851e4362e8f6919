//! The three kinds of errors: of a call ([`CallError`]), of start-up and transport ([`Error`]), and of the protocol
//! (made by the runtime alone).

use std::{borrow::Cow, error::Error as StdError, fmt, time::Duration};

use serde::Serialize;
use serde_json::Value;

use crate::{argument::Problem, context::is_masked};

/// Shorthand for results of setting up and serving.
pub type Result<T, E = Error> = std::result::Result<T, E>;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// How a call fails, and what the client is told about it.
///
/// An error made with [`CallError::new`] is *for the model*: it reads the text and can act on it. Any other error that
/// `?` converts is *internal*: the client gets a reference number, the log gets the error.
///
/// ```
/// use mcp_runtime::{CallError, tool};
///
/// /// Divides.
/// #[tool]
/// fn divide(a: i64, b: i64) -> Result<i64, CallError> {
///     let config = std::env::temp_dir().canonicalize()?; // an internal error: masked
///     let _ = config;
///     a.checked_div(b).ok_or(CallError::new("`b` must not be 0")) // the model reads this
/// }
///
/// assert_eq!(divide(7, 0).unwrap_err().to_string(), "`b` must not be 0");
/// ```
#[must_use = "return it, so that the client learns of it"]
pub struct CallError(Box<Kind>);

#[derive(Debug)]
pub(crate) enum Kind {
    /// The author's words for the model.
    Public {
        message: Cow<'static, str>,
        data: Option<Value>,
        retry: Option<Retry>,
    },
    /// Masked; the source goes to the log.
    Internal(BoxError),
    /// The resource does not exist.
    NotFound { message: Option<Cow<'static, str>> },
    /// Arguments that passed the schema and could not be read.
    InvalidArguments(Vec<Problem>),
    /// The deadline passed.
    TimedOut(Duration),
    /// The call was not even tried: the same one may succeed later.
    #[cfg(feature = "layer")]
    Busy {
        kind: &'static str,
        message: String,
        after: Option<Duration>,
    },
}

/// Whether and when the same call may succeed.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Retry {
    #[serde(skip_serializing_if = "Option::is_none", rename = "retryAfterMs")]
    pub(crate) after: Option<u64>,
}

impl CallError {
    /// An error for the model: say what is wrong and what to do instead.
    pub fn new(message: impl fmt::Display) -> Self {
        Self::of(Kind::Public {
            message: message.to_string().into(),
            data: None,
            retry: None,
        })
    }

    /// An error that no client may see: it gets a reference, the log gets the error under the same reference.
    ///
    /// `?` does the same with any [`std::error::Error`]. One that has an [`AskError`](crate::AskError) as its source is the
    /// exception: of that, the client is told.
    pub fn internal(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of(Kind::Internal(error.into()))
    }

    /// What was asked for does not exist: for resources the protocol's own error, elsewhere an error for the model.
    pub fn not_found() -> Self {
        Self::of(Kind::NotFound { message: None })
    }

    pub(crate) fn not_found_saying(message: String) -> Self {
        Self::of(Kind::NotFound {
            message: Some(message.into()),
        })
    }

    pub(crate) fn invalid_arguments(problems: Vec<Problem>) -> Self {
        Self::of(Kind::InvalidArguments(problems))
    }

    pub(crate) fn timed_out(limit: Duration) -> Self {
        Self::of(Kind::TimedOut(limit))
    }

    /// A call that is not tried, of which programs are told the kind.
    #[cfg(feature = "layer")]
    pub(crate) fn busy(kind: &'static str, problem: &str, after: Option<Duration>) -> Self {
        let message = match after {
            Some(after) => format!("{problem}: try again in {}", shown(after)),
            None => format!("{problem}: try again later"),
        };
        Self::of(Kind::Busy {
            kind,
            message,
            after,
        })
    }

    fn of(kind: Kind) -> Self {
        Self(Box::new(kind))
    }

    /// Adds data for programs: it stands beside the text, in the `_meta` of the result. Internal errors carry none.
    pub fn with_data(mut self, value: impl Serialize) -> Self {
        if let Kind::Public { data, .. } = &mut *self.0 {
            *data = serde_json::to_value(value).ok();
        }
        self
    }

    /// Says that the same call may succeed when it is made again after `delay`.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        if let Kind::Public { retry, .. } = &mut *self.0 {
            let after = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
            *retry = Some(Retry { after: Some(after) });
        }
        self
    }

    /// Whether the client will be told nothing but a reference.
    pub fn is_internal(&self) -> bool {
        matches!(&*self.0, Kind::Internal(error) if is_masked(&**error))
    }

    pub(crate) fn into_kind(self) -> Kind {
        *self.0
    }
}

/// The whole text, also of an internal error: for logs and tests, not for clients.
impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Public { message, .. }
            | Kind::NotFound {
                message: Some(message),
            } => f.write_str(message),
            Kind::NotFound { message: None } => f.write_str("not found"),
            Kind::Internal(error) => error.fmt(f),
            Kind::InvalidArguments(problems) => write!(f, "{} invalid arguments", problems.len()),
            Kind::TimedOut(limit) => write!(f, "no answer within {limit:?}"),
            #[cfg(feature = "layer")]
            Kind::Busy { message, .. } => f.write_str(message),
        }
    }
}

impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A time to wait, in words of a sensible precision: never shorter than it is.
#[cfg(feature = "layer")]
fn shown(time: Duration) -> String {
    let tenths = time.as_millis().div_ceil(100);
    match tenths {
        0..100 => format!("{}.{} s", tenths / 10, tenths % 10),
        100..1200 => format!("{} s", tenths.div_ceil(10)),
        _ => format!("{} min", tenths.div_ceil(600)),
    }
}

/// Any error becomes an internal one. This is why `CallError` itself is not a [`std::error::Error`].
impl<E: StdError + Send + Sync + 'static> From<E> for CallError {
    fn from(error: E) -> Self {
        Self::internal(error)
    }
}

/// An error of yours that decides what the client is told.
///
/// Without it the errors of a handler are internal.
///
/// ```
/// use mcp_runtime::{CallError, IntoCallError, tool};
///
/// enum OrderError {
///     OutOfStock(String),
///     Database(std::io::Error),
/// }
///
/// impl IntoCallError for OrderError {
///     fn into_call_error(self) -> CallError {
///         match self {
///             Self::OutOfStock(item) => CallError::new(format!("`{item}` is out of stock")),
///             Self::Database(error) => CallError::internal(error),
///         }
///     }
/// }
///
/// /// Orders an item.
/// #[tool]
/// fn order(item: String) -> Result<(), OrderError> {
///     Err(OrderError::OutOfStock(item))
/// }
/// ```
pub trait IntoCallError {
    /// Says what the client is told.
    fn into_call_error(self) -> CallError;
}

impl IntoCallError for CallError {
    fn into_call_error(self) -> CallError {
        self
    }
}

impl IntoCallError for String {
    fn into_call_error(self) -> CallError {
        CallError::new(self)
    }
}

impl IntoCallError for &'static str {
    fn into_call_error(self) -> CallError {
        CallError::new(self)
    }
}

/// What the error of a handler must be: convertible into a boxed error, and then masked, or an [`IntoCallError`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a handler",
    label = "not an error",
    note = "return `mcp_runtime::CallError` (`?` turns every `std::error::Error` into one), or a `String` for the model",
    note = "or implement `mcp_runtime::IntoCallError` for `{Self}` to say what the client is told"
)]
pub trait HandlerError {
    /// Masks the error.
    #[doc(hidden)]
    fn mask(self) -> CallError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn StdError + Send + Sync>>> HandlerError for E {
    fn mask(self) -> CallError {
        CallError::internal(self)
    }
}

/// Why a server could not be built or served.
///
/// Its `Debug` form is text for people, because that is what a `main` that returns an error prints.
#[non_exhaustive]
pub enum Error {
    /// The server is not set up rightly: everything that is wrong, a sentence each.
    Build(Vec<String>),
    /// A step of the life of the server failed: `on_start` or `on_shutdown`.
    Lifespan(Box<dyn StdError + Send + Sync>),
    /// Reading or writing failed.
    Io(std::io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(problems) => {
                f.write_str("the server cannot be built")?;
                problems
                    .iter()
                    .try_for_each(|problem| write!(f, "\n- {problem}"))
            }
            Self::Lifespan(_) => f.write_str("starting or stopping the server failed"),
            Self::Io(_) => f.write_str("the transport failed"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        let mut source = self.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Build(_) => None,
            Self::Lifespan(error) => Some(&**error),
            Self::Io(error) => Some(error),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}
