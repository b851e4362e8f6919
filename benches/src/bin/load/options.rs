//! The command line.

use crate::Result;

const USAGE: &str = "usage: load [--rounds NUMBER] [--instructions] [PART OF A NAME]...";

/// What to measure.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) rounds: usize,
    /// Instructions instead of time.
    pub(crate) instructions: bool,
    filters: Vec<String>,
}

impl Options {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            rounds: 7,
            instructions: false,
            filters: Vec::new(),
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--rounds" => options.rounds = arguments.next().ok_or(USAGE)?.parse()?,
                "--instructions" => options.instructions = true,
                option if option.starts_with('-') => return Err(USAGE.into()),
                _ => options.filters.push(argument),
            }
        }
        Ok(options)
    }

    /// Whether something is wanted: its name has all parts that were given.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.filters.iter().all(|filter| name.contains(filter))
    }
}
