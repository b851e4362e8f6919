//! What comes of a run.

use std::{collections::BTreeMap, fmt, process::ExitCode};

use crate::{memory::Growth, watch::Holdings};

/// How often everything was done, by the kind of client.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<(&'static str, String), u64>);

/// What may be wrong at the end.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) errors: u64,
    /// What the server had when all clients were gone, beside what it needs to wait for others.
    pub(crate) idle: Holdings,
    /// What was left when the server had ended.
    pub(crate) ended: Holdings,
    pub(crate) growth: Growth,
}

impl Tally {
    /// Counts once more.
    pub(crate) fn count(&mut self, kind: &'static str, action: String) {
        *self.0.entry((kind, action)).or_default() += 1;
    }

    /// Adds what another one has counted.
    pub(crate) fn add(&mut self, other: Self) {
        for (what, times) in other.0 {
            *self.0.entry(what).or_default() += times;
        }
    }
}

impl Outcome {
    /// What the process ends with.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(u8::from(!self.is_good()))
    }

    fn is_good(&self) -> bool {
        let nothing = Holdings::default();
        let all_gone = self.idle == nothing && self.ended == nothing;
        all_gone && self.errors == 0 && !self.growth.is_too_much()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| clients of | what they did | times |")?;
        writeln!(f, "|---|---|---:|")?;
        for ((kind, action), times) in &self.0 {
            writeln!(f, "| {kind} | {action} | {times} |")?;
        }
        Ok(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            errors,
            idle,
            ended,
            growth,
        } = self;
        writeln!(f, "errors that were not provoked: {errors}")?;
        writeln!(f, "left when the clients were gone: {idle}")?;
        writeln!(f, "left when the server had ended: {ended}")?;
        writeln!(f, "memory: {growth}")?;
        f.write_str(if self.is_good() { "good" } else { "BAD" })
    }
}
