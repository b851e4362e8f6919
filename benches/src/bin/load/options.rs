//! The command line.

use crate::Result;

const USAGE: &str = "usage: load stdio [--rounds NUMBER] [PART OF A NAME]";

/// What to measure.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) transport: Transport,
    pub(crate) rounds: usize,
    filter: Option<String>,
}

/// Over what.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transport {
    Stdio,
}

impl Options {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let transport = match arguments.next().as_deref() {
            Some("stdio") => Transport::Stdio,
            _ => return Err(USAGE.into()),
        };
        let mut options = Self {
            transport,
            rounds: 7,
            filter: None,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--rounds" => options.rounds = arguments.next().ok_or(USAGE)?.parse()?,
                _ => options.filter = Some(argument),
            }
        }
        Ok(options)
    }

    /// Whether a scenario is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let filter = self.filter.as_deref();
        filter.is_none_or(|filter| name.contains(filter))
    }
}
