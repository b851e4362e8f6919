//! [`init`]: logs on standard error.

use std::{env, io};

use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, filter::LevelFilter, fmt, layer::SubscriberExt as _, registry,
    registry::LookupSpan,
};

use super::fields::SpanFields;
use crate::{Error, Result};

/// The variable that says what is logged.
const VARIABLE: &str = "RUST_LOG";

/// Writes logs to standard error from now on: one JSON object on each line, with the fields of the call that it belongs to.
///
/// The variable `RUST_LOG` says what is logged, such as `warn,my_server=debug`: everything from `info` on unless it says
/// otherwise. Nothing is ever written to standard output, which belongs to the protocol. A program that wants more than
/// this has a subscriber of its own, with [`layer`] in it.
///
/// ```no_run
/// fn main() -> mcp_runtime::Result<()> {
///     mcp_runtime::logging::init()?;
///     tracing::info!(port = 8080, "ready");
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// [`Error::Build`] if `RUST_LOG` cannot be read, or if the process has a subscriber already.
pub fn init() -> Result<()> {
    let subscriber = registry().with(layer()?);
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|_| Error::Build(vec!["the process has a subscriber for logs already".into()]))
}

/// The layer of [`init`], for a subscriber that has others, too.
///
/// ```
/// use mcp_runtime::logging::{self, ClientLayer};
/// use tracing_subscriber::{layer::SubscriberExt, registry};
///
/// let subscriber = registry().with(logging::layer()?).with(ClientLayer::new());
/// # tracing::subscriber::with_default(subscriber, || {});
/// # Ok::<(), mcp_runtime::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Build`] if `RUST_LOG` cannot be read.
pub fn layer<S>() -> Result<impl Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let wanted = env::var(VARIABLE).unwrap_or_default();
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse(&wanted)
        .map_err(|error| Error::Build(vec![format!("the variable `{VARIABLE}`: {error}")]))?;
    let json = fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .fmt_fields(SpanFields);
    Ok(json.with_writer(io::stderr).with_filter(filter))
}
