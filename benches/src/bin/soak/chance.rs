//! Chance that is the same in each run.

use std::time::Duration;

use tokio::time::sleep;

/// An xorshift.
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Chance of its own for each seed, which must not be zero.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// One of several.
    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let at = self.below(all.len() as u64);
        all[usize::try_from(at).unwrap_or_default()]
    }

    /// One of several, each with a weight.
    pub(crate) fn weighed<T: Copy>(&mut self, all: &[(T, u64)]) -> T {
        let whole = all.iter().map(|(_, weight)| weight).sum();
        let mut at = self.below(whole);
        for (one, weight) in all {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *one,
            }
        }
        all[0].0
    }

    /// Waits for less than so many milliseconds.
    pub(crate) async fn pause(&mut self, most: u64) {
        sleep(Duration::from_millis(self.below(most))).await;
    }
}
