//! The memory of the process over time, and whether it has grown.

use std::{fmt, fs, ops::Range, time::Duration};

/// How much more than at first is still flat, in percent.
const GROWTH: u64 = 10;

/// How long buffers fill, tables grow and the allocator settles, unless the whole run is short.
const FILLING: Duration = Duration::from_secs(60);

/// Shorter runs tell nothing.
const JUDGED: Duration = Duration::from_secs(60);

/// The resident memory of this process in KiB, where that is told: on Linux.
pub(crate) fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let mut lines = status.lines();
    let resident = lines.find_map(|line| line.strip_prefix("VmRSS:"))?;
    resident.split_whitespace().next()?.parse().ok()
}

/// What the memory was over time.
#[derive(Debug, Default)]
pub(crate) struct Memory(Vec<(Duration, u64)>);

/// Whether it has grown.
#[derive(Debug)]
pub(crate) enum Growth {
    /// It was not read often enough, or not long enough.
    Unknown,
    Known {
        first: Span,
        last: Span,
    },
}

/// The most memory in a part of the run.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    seconds: Range<f64>,
    most: u64,
}

impl Memory {
    pub(crate) fn note(&mut self, at: Duration) {
        self.0.extend(resident().map(|resident| (at, resident)));
    }

    /// Compares the most memory in the last half of a run with that in its second minute; if the run is so short that the two
    /// would overlap, with that in its second quarter.
    pub(crate) fn growth(&self, length: Duration) -> Growth {
        let filling = FILLING.min(length / 4);
        let first = self.most(filling..filling * 2);
        let last = self.most(length / 2..Duration::MAX);
        match (first, last) {
            (Some(first), Some(last)) if length >= JUDGED => Growth::Known { first, last },
            _ => Growth::Unknown,
        }
    }

    fn most(&self, span: Range<Duration>) -> Option<Span> {
        let mut within = self.0.iter().filter(|(at, _)| span.contains(at));
        let most = within.clone().map(|(_, resident)| *resident).max()?;
        let end = within.next_back()?.0;
        let seconds = span.start.as_secs_f64()..end.as_secs_f64();
        Some(Span { seconds, most })
    }
}

impl Growth {
    pub(crate) fn is_too_much(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Known { first, last } => last.most * 100 > first.most * (100 + GROWTH),
        }
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Known { first, last } = self else {
            return f.write_str("not judged: it is read on Linux, and judged from a minute on");
        };
        let flat = if self.is_too_much() {
            "not flat"
        } else {
            "flat"
        };
        write!(
            f,
            "{flat}: {first}, {last}, where {GROWTH} % more is still flat"
        )
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, most } = self;
        let Range { start, end } = seconds;
        write!(f, "at most {most} KiB from second {start:.0} to {end:.0}")
    }
}
