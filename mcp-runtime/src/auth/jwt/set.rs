//! [`KeySet`]: keys that stand somewhere else, and change there.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    super::{Denied, fetch::Fetch},
    discovery,
    key::JwtKey,
};

/// How long nobody is asked who has just failed to answer.
const RECOVERY: Duration = Duration::from_secs(5);

/// How many keys are taken from a set.
const MAX_KEYS: usize = 64;

/// Where keys stand.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Url(String),
    /// Where the metadata of this authorization server says.
    Issuer(String),
}

/// How long keys count, and how often they are looked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// The least time between two lookups.
    pub(super) interval: Duration,
    /// The age at which keys are looked up again.
    pub(super) fresh: Duration,
    /// The age at which they do not count any more.
    pub(super) usable: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(30),
            fresh: Duration::from_secs(10 * 60),
            usable: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// Keys that stand somewhere else, and change there.
#[derive(Debug)]
pub(super) struct KeySet(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    place: Place,
    times: Times,
    fetch: Fetch,
    known: RwLock<Arc<Known>>,
    /// Whoever holds it looks the keys up; before this time nobody does.
    turn: Arc<Mutex<Option<Instant>>>,
}

/// The keys as they were read the last time.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) keys: Vec<JwtKey>,
    /// Never, as long as there were none.
    read: Option<Instant>,
}

impl Place {
    pub(super) fn url(&self) -> &str {
        let (Self::Url(url) | Self::Issuer(url)) = self;
        url
    }
}

impl KeySet {
    pub(super) fn new(place: Place, times: Times) -> Result<Self, String> {
        let fetch = Fetch::new(place.url())?;
        Ok(Self(Arc::new(Shared {
            place,
            times,
            fetch,
            known: RwLock::default(),
            turn: Arc::default(),
        })))
    }

    /// The keys that tokens may be signed with. They are looked up if they are old.
    pub(super) async fn find(&self) -> Result<Arc<Known>, Denied> {
        let Times { fresh, usable, .. } = self.0.times;
        let known = self.0.known();
        if !known.is_younger(usable) {
            let turn = Arc::clone(&self.0.turn).lock_owned().await;
            self.0.look_up(turn, &known).await;
        } else if !known.is_younger(fresh) {
            // Nobody waits for it: those that are known still count.
            if let Ok(turn) = Arc::clone(&self.0.turn).try_lock_owned() {
                drop(self.0.look_up(turn, &known));
            }
        }
        let known = self.0.known();
        if !known.is_younger(usable) {
            let problem = "the keys that tokens are signed with cannot be read: try again later";
            return Err(Denied::unavailable(problem));
        }
        Ok(known)
    }

    /// The keys that have come since those that were `seen`, none of which a token is signed with. They are looked up if it is time.
    pub(super) async fn renew(&self, seen: &Arc<Known>) -> Option<Arc<Known>> {
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        self.0.look_up(turn, seen).await;
        let known = self.0.known();
        (!Arc::ptr_eq(&known, seen)).then_some(known)
    }

    /// When the keys were read, if they are not so old that they are looked up again.
    pub(super) fn read_at(&self) -> Option<Instant> {
        let Times { fresh, usable, .. } = self.0.times;
        let known = self.0.known();
        known.read.filter(|_| known.is_younger(fresh.min(usable)))
    }
}

impl Shared {
    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks the keys up, unless somebody has done so since they were `seen`, or a little before. It goes on if nobody waits for it
    /// any more: else whoever goes away early enough could keep the others from ever getting new keys.
    fn look_up(
        self: &Arc<Self>,
        mut turn: OwnedMutexGuard<Option<Instant>>,
        seen: &Arc<Known>,
    ) -> impl Future<Output = ()> + use<> {
        let now = Instant::now();
        let is_changed = !Arc::ptr_eq(&self.known(), seen);
        let is_due = turn.is_none_or(|time| now >= time);
        let looking = (is_due && !is_changed).then(|| {
            *turn = Some(now + self.times.interval);
            let shared = Arc::clone(self);
            tokio::spawn(async move {
                match shared.read().await {
                    Ok(known) => {
                        *shared.known.write().unwrap_or_else(PoisonError::into_inner) =
                            Arc::new(known);
                    }
                    Err(problem) => {
                        let place = shared.place.url();
                        tracing::warn!(
                            place,
                            problem,
                            "the keys that tokens are signed with cannot be read"
                        );
                        *turn = Some(Instant::now() + shared.times.interval.min(RECOVERY));
                    }
                }
                drop(turn);
            })
        });
        async move {
            if let Some(looking) = looking {
                // It fails only if it panics, or if the runtime ends.
                let _ = looking.await;
            }
        }
    }

    async fn read(&self) -> Result<Known, String> {
        let set = match &self.place {
            Place::Url(url) => self.fetch.get(url).await?,
            Place::Issuer(issuer) => {
                let url = discovery::keys_of(issuer, &self.fetch).await?;
                self.fetch.get(&url).await?
            }
        };
        let keys = set.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or("the answer is not a set of keys")?;
        let keys: Vec<_> = keys
            .iter()
            .filter_map(JwtKey::of_set)
            .take(MAX_KEYS)
            .collect();
        if keys.is_empty() {
            return Err("there are no keys that signatures can be checked with".into());
        }
        let read = Some(Instant::now());
        Ok(Known { keys, read })
    }
}

impl Known {
    fn is_younger(&self, age: Duration) -> bool {
        self.read.is_some_and(|read| read.elapsed() < age)
    }
}
