//! The deadline of a call, which stands still while a question is open in place: the user's time is not the handler's.

use std::time::Duration;

use tokio::time::Instant;

use super::super::Context;

/// How often a deadline that stands still is looked at, at most.
const LOOK: Duration = Duration::from_millis(100);

/// For how long the deadline of a call has stood still.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    /// How many questions hold it.
    holders: usize,
    since: Option<Instant>,
    stood: Duration,
}

impl Clock {
    pub(super) fn hold(&mut self) {
        self.holders += 1;
        self.since.get_or_insert_with(Instant::now);
    }

    pub(super) fn release(&mut self) {
        self.holders -= 1;
        if self.holders == 0
            && let Some(since) = self.since.take()
        {
            self.stood += since.elapsed();
        }
    }

    /// For how long the deadline has stood still, and whether it does so now.
    pub(super) fn stood(self) -> (Duration, bool) {
        let now = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        (self.stood + now, self.since.is_some())
    }
}

impl Context {
    /// The deadline, with the time that it has stood still; `None` if there is none.
    pub(crate) fn moved_deadline(&self) -> Option<Instant> {
        let (stood, _) = self.stood();
        let deadline = self.0.begun.checked_add(self.0.timeout?)?;
        deadline.checked_add(stood)
    }

    /// When to look at the deadline again; `None` if it has passed.
    pub(crate) fn later_deadline(&self) -> Option<Instant> {
        let now = Instant::now();
        let deadline = self.moved_deadline().filter(|deadline| *deadline > now)?;
        let (_, standing) = self.stood();
        Some(if standing {
            deadline.max(now + LOOK)
        } else {
            deadline
        })
    }
}

/// The deadline stands still as long as this lives.
pub(super) struct Held<'a>(&'a Context);

impl<'a> Held<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        context.record().hold();
        Self(context)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.record().release();
    }
}
