//! The command line.

use std::time::Duration;

use crate::Result;

const USAGE: &str = "usage: soak [--minutes NUMBER | --seconds NUMBER]";

/// How long to go on, ten minutes if nothing is said.
pub(crate) fn length(mut arguments: impl Iterator<Item = String>) -> Result<Duration> {
    let (option, number, further) = (arguments.next(), arguments.next(), arguments.next());
    let seconds = match (option.as_deref(), number, further) {
        (None, ..) => 600.0,
        (Some("--minutes"), Some(minutes), None) => minutes.parse::<f64>()? * 60.0,
        (Some("--seconds"), Some(seconds), None) => seconds.parse()?,
        _ => return Err(USAGE.into()),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| USAGE.into())
}
