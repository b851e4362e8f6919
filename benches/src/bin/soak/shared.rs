//! What all clients share.

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// What all clients share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) requests: AtomicU64,
    pub(crate) errors: AtomicU64,
    pub(crate) over: AtomicBool,
    pub(crate) sessions: Sessions,
}

/// The sessions of all clients.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    pub(crate) opened: AtomicU64,
    /// Those that their client has ended.
    pub(crate) deleted: AtomicU64,
    /// Those that their client has left without a word, and found to be gone later.
    pub(crate) expired: AtomicU64,
    /// The last one of each client, by its number.
    last: Mutex<HashMap<u64, String>>,
}

impl Shared {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            requests: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            over: AtomicBool::new(false),
            sessions: Sessions::default(),
        }
    }
}

impl Sessions {
    /// Lets all others know which session a client has opened.
    pub(crate) fn publish(&self, number: u64, id: &str) {
        self.last().insert(number, id.to_owned());
    }

    /// The sessions of all clients but one.
    pub(crate) fn of_others(&self, number: u64) -> Vec<String> {
        let last = self.last();
        let others = last.iter().filter(|(owner, _)| **owner != number);
        others.map(|(_, id)| id.clone()).collect()
    }

    fn last(&self) -> MutexGuard<'_, HashMap<u64, String>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        write!(
            f,
            "sessions: {} opened, {} deleted, {} left without a word and found to be gone",
            count(&self.opened),
            count(&self.deleted),
            count(&self.expired)
        )
    }
}
