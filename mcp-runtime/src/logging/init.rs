//! [`init`]: logs on standard error.

use std::{env, io};

use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::{Filter, SubscriberExt as _},
    registry,
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
    // One filter for everything: there is only one layer that it could be for.
    let filter = match Levels::wanted()? {
        Levels::OfTargets(filter) => filter.boxed(),
        Levels::OfSpans(filter) => (*filter).boxed(),
    };
    let subscriber = registry().with(filter).with(json());
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
    let filter: Box<dyn Filter<S> + Send + Sync> = match Levels::wanted()? {
        Levels::OfTargets(filter) => Box::new(filter),
        Levels::OfSpans(filter) => filter,
    };
    Ok(json().with_filter(filter))
}

fn json<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let json = fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .fmt_fields(SpanFields);
    json.with_writer(io::stderr)
}

/// What is written.
#[derive(Debug)]
enum Levels {
    /// What a target tells from a level on: it is known once and for all what that is.
    OfTargets(Targets),
    /// Also what happens in certain spans: each span is looked at when it begins, ends, and is entered and left.
    OfSpans(Box<EnvFilter>),
}

impl Levels {
    fn wanted() -> Result<Self> {
        Self::read(&env::var(VARIABLE).unwrap_or_default())
    }

    fn read(wanted: &str) -> Result<Self> {
        let filter = EnvFilter::builder()
            .with_default_directive(LevelFilter::INFO.into())
            .parse(wanted)
            .map_err(|error| Error::Build(vec![format!("the variable `{VARIABLE}`: {error}")]))?;
        if wanted.is_empty() {
            let filter = Targets::new().with_default(LevelFilter::INFO);
            return Ok(Self::OfTargets(filter));
        }
        let simple = |part: &str| !part.is_empty() && !part.contains(['[', '{', ' ']);
        let targets = wanted.parse().ok();
        let targets = targets.filter(|_| wanted.split(',').all(simple));
        Ok(targets.map_or_else(|| Self::OfSpans(Box::new(filter)), Self::OfTargets))
    }
}

#[cfg(test)]
mod tests {
    use tracing::{Level, enabled, subscriber};

    use super::*;

    /// What of a few targets and levels is written.
    fn written(filter: impl Layer<registry::Registry> + Send + Sync) -> Vec<bool> {
        macro_rules! all {
            ($($target:literal)*) => {
                vec![$(
                    enabled!(target: $target, Level::ERROR),
                    enabled!(target: $target, Level::WARN),
                    enabled!(target: $target, Level::INFO),
                    enabled!(target: $target, Level::DEBUG),
                    enabled!(target: $target, Level::TRACE),
                )*]
            };
        }
        let subscriber = registry().with(filter);
        subscriber::with_default(subscriber, || all!["a" "a::b" "ab" "b"])
    }

    #[test]
    fn the_levels_of_targets_are_what_they_are_with_spans() {
        for wanted in [
            "",
            "info",
            "WARN",
            "off",
            "0",
            "3",
            "5",
            "a",
            "a=debug",
            "a=off,info",
            "error,a::b=trace,a=warn",
            "a=warn,a=trace",
            "ab=2,debug",
            "unknown=trace",
        ] {
            let Levels::OfTargets(filter) = Levels::read(wanted).unwrap() else {
                panic!("{wanted} names no span");
            };
            let env = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
            assert_eq!(
                written(filter),
                written(env.parse(wanted).unwrap()),
                "{wanted}"
            );
        }
    }

    #[test]
    fn whatever_is_not_a_level_of_a_target_is_left_to_the_other_filter() {
        for wanted in [
            "[call]=debug",
            "a[call{id=7}]=trace,info",
            "info,",
            ",",
            "a=debug, info",
        ] {
            let levels = Levels::read(wanted).unwrap();
            assert!(matches!(levels, Levels::OfSpans(_)), "{wanted}");
        }
        assert!(Levels::read("a=loud").is_err());
    }
}
