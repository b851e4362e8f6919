//! [`Kept`]: what has been found out about tokens, for a while.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::digest::Digest;

/// How many tokens are remembered.
const MAX_KEPT: usize = 10_000;

/// What has been found out about tokens, for a while. A token itself is not kept, only its digest.
pub(super) struct Kept<T> {
    most: usize,
    entries: Mutex<HashMap<Digest, Entry<T>>>,
}

struct Entry<T> {
    found: T,
    until: Instant,
}

impl<T> Kept<T> {
    /// For so many tokens.
    pub(super) fn of(most: usize) -> Self {
        Self {
            most,
            entries: Mutex::default(),
        }
    }
}

impl<T: Clone> Kept<T> {
    /// What was found out, if it still counts.
    pub(super) fn recall(&self, token: &Digest) -> Option<T> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(token);
        let entry = entry.filter(|entry| Instant::now() < entry.until)?;
        Some(entry.found.clone())
    }

    /// Remembers it for so long. If too much is remembered already, what is old makes room, and if nothing is, everything does.
    pub(super) fn keep(&self, token: Digest, found: T, time: Duration) {
        let now = Instant::now();
        // The end of time is far enough away to be no end.
        let Some(until) = now.checked_add(time) else {
            return;
        };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.most {
            entries.retain(|_, entry| now < entry.until);
        }
        if entries.len() >= self.most {
            entries.clear();
        }
        entries.insert(token, Entry { found, until });
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self::of(MAX_KEPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Duration = Duration::from_secs(60);

    fn token(number: usize) -> Digest {
        let mut token = Digest::default();
        token[..8].copy_from_slice(&number.to_le_bytes());
        token
    }

    #[test]
    fn what_is_kept_for_no_time_is_not_recalled() {
        let kept = Kept::default();
        kept.keep(token(1), "one", TIME);
        kept.keep(token(2), "two", Duration::ZERO);
        assert_eq!(kept.recall(&token(1)), Some("one"));
        assert_eq!(kept.recall(&token(2)), None);
        assert_eq!(kept.recall(&token(3)), None);
    }

    #[test]
    fn what_does_not_count_any_more_makes_room_first() {
        let kept = Kept::default();
        kept.keep(token(0), 0, TIME);
        (1..MAX_KEPT).for_each(|number| kept.keep(token(number), number, Duration::ZERO));
        kept.keep(token(MAX_KEPT), MAX_KEPT, TIME);
        assert_eq!(kept.recall(&token(0)), Some(0));
        (1..MAX_KEPT).for_each(|number| kept.keep(token(number), number, TIME));
        assert!(kept.entries.lock().unwrap().len() <= MAX_KEPT);
        assert_eq!(kept.recall(&token(MAX_KEPT - 1)), Some(MAX_KEPT - 1));
    }
}
