//! [`Memory`]: buckets in this process.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    sync::{Mutex, PoisonError, RwLock},
    time::Duration,
};

use governor::{
    Quota, RateLimiter, clock::Clock, middleware::NoOpMiddleware, nanos::Nanos, state::StateStore,
};
use tokio::time::Instant;

use super::{Decision, Rate, Store, Taken};

/// How many buckets of one rate are kept, unless something else is said.
const MOST: usize = 100_000;

/// How many buckets those callers share for which there is no more room.
const SHARED: u64 = 256;

/// Buckets in this process, by the algorithm of the crate `governor`.
///
/// What it keeps is bounded: buckets that are full again are forgotten. If more than the given number are in use at once, callers
/// that come after share a few.
#[derive(Debug)]
pub struct Memory {
    most: usize,
    limiters: RwLock<HashMap<Rate, Limiter>>,
}

/// All buckets of one rate. The limiter counts its time from when it was made, and so does the clock.
#[derive(Debug)]
struct Limiter {
    clock: Ticks,
    inner: RateLimiter<String, Room, Ticks, NoOpMiddleware<Nanos>>,
}

impl Memory {
    /// A store that keeps at most so many buckets of each rate, 100 000 unless this says otherwise.
    #[must_use]
    pub fn bounded(most: usize) -> Self {
        Self {
            most,
            limiters: RwLock::default(),
        }
    }

    /// Decides without waiting for anything.
    pub(crate) fn decide(&self, key: impl Into<String>, rate: Rate, cost: u32) -> Decision {
        let burst = burst(rate);
        let cost = NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN).min(burst);
        let key = key.into();
        self.with(rate, |limiter| {
            match limiter.inner.check_key_n(&key, cost) {
                Ok(Ok(())) => Decision::Allowed,
                Ok(Err(until)) => Decision::Refused {
                    retry_after: until.wait_time_from(limiter.clock.now()),
                },
                // The cost is never more than the burst.
                Err(_) => Decision::Refused {
                    retry_after: rate.interval() * burst.get(),
                },
            }
        })
    }

    /// Does something with the buckets of a rate.
    fn with<T>(&self, rate: Rate, act: impl FnOnce(&Limiter) -> T) -> T {
        let limiters = self.limiters.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(limiter) = limiters.get(&rate) {
            return act(limiter);
        }
        drop(limiters);
        let mut limiters = self
            .limiters
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let made = || Limiter::new(rate, self.most);
        act(limiters.entry(rate).or_insert_with(made))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::bounded(MOST)
    }
}

impl Store for Memory {
    fn take<'a>(&'a self, key: &'a str, rate: Rate, cost: u32) -> Taken<'a> {
        let decision = self.decide(key, rate, cost);
        Box::pin(std::future::ready(decision))
    }
}

impl Limiter {
    fn new(rate: Rate, most: usize) -> Self {
        let clock = Ticks(Instant::now());
        let room = Room::new(clock, most);
        Self {
            clock,
            inner: RateLimiter::new(quota(rate), room, clock),
        }
    }
}

fn quota(rate: Rate) -> Quota {
    let quota = Quota::with_period(rate.interval());
    // A rate is at most a million a second.
    let quota = quota.expect("the interval of a rate is never zero");
    quota.allow_burst(burst(rate))
}

/// A rate has no burst of zero.
fn burst(rate: Rate) -> NonZeroU32 {
    NonZeroU32::new(rate.burst()).unwrap_or(NonZeroU32::MIN)
}

/// The time of tokio, which tests can set.
#[derive(Clone, Copy, Debug)]
struct Ticks(Instant);

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

/// The buckets of one rate: the time at which each would be full again.
struct Room {
    clock: Ticks,
    most: usize,
    hasher: RandomState,
    full_at: Mutex<Full>,
}

#[derive(Default)]
struct Full {
    times: HashMap<String, Nanos>,
    /// So many buckets make it worth while to look for those that are full.
    sweep_at: usize,
    /// The time from which on it is worth while for want of room.
    sweep_from: Nanos,
}

impl Room {
    fn new(clock: Ticks, most: usize) -> Self {
        Self {
            clock,
            most,
            hasher: RandomState::new(),
            full_at: Mutex::default(),
        }
    }

    /// The key of a bucket that several callers share.
    fn shared(&self, key: &str) -> String {
        // No key of a caller begins like this.
        format!("\0{}", self.hasher.hash_one(key) % SHARED)
    }
}

impl StateStore for Room {
    type Key = String;

    fn measure_and_replace<T, F, E>(&self, key: &String, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut full = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(time) = full.times.get_mut(key) {
            let (decision, next) = decide(Some(*time))?;
            *time = next;
            return Ok(decision);
        }
        full.sweep(self.clock.now(), self.most);
        let key = if full.times.len() < self.most {
            key.clone()
        } else {
            self.shared(key)
        };
        let (decision, next) = decide(full.times.get(&key).copied())?;
        full.times.insert(key, next);
        Ok(decision)
    }
}

impl Full {
    /// The fewest buckets that are looked through.
    const FEW: usize = 1024;

    /// Forgets the buckets that are full, whenever there are twice as many as the last time; once a second where there is no
    /// more room.
    fn sweep(&mut self, now: Nanos, most: usize) {
        let grown = self.times.len() >= self.sweep_at.max(Self::FEW);
        let crowded = self.times.len() >= most && now >= self.sweep_from;
        if !(grown || crowded) {
            return;
        }
        self.times.retain(|_, full| *full > now);
        self.times.shrink_to(Self::FEW);
        self.sweep_at = self.times.len() * 2;
        self.sweep_from = now + Nanos::from(Duration::from_secs(1));
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use governor::state::keyed::ShrinkableKeyedStateStore;
    use proptest::prelude::*;

    use super::*;

    /// The bucket as one would explain it, in nanoseconds and tokens.
    struct Model {
        rate: Rate,
        /// How many nanoseconds of refilling are missing.
        missing: u128,
    }

    impl Model {
        fn new(rate: Rate) -> Self {
            Self { rate, missing: 0 }
        }

        fn pass(&mut self, time: Duration) {
            self.missing = self.missing.saturating_sub(time.as_nanos());
        }

        fn take(&mut self, cost: u32) -> Decision {
            let interval = self.rate.interval().as_nanos();
            let whole = interval * u128::from(self.rate.burst());
            let wanted = self.missing + interval * u128::from(cost.min(self.rate.burst()));
            if wanted > whole {
                let wait = u64::try_from(wanted - whole).unwrap();
                let retry_after = Duration::from_nanos(wait);
                return Decision::Refused { retry_after };
            }
            self.missing = wanted;
            Decision::Allowed
        }
    }

    fn rates() -> impl Strategy<Value = Rate> {
        let periods = prop_oneof![Just(1000), Just(60_000), Just(3_600_000), 1..100_000_u64];
        (1..1000_u32, periods, 1..50_u32)
            .prop_map(|(count, period, burst)| Rate::new(count, period, burst))
    }

    fn runtime() -> tokio::runtime::Runtime {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    }

    proptest! {
        #[test]
        fn a_bucket_lets_through_what_the_model_does(
            rate in rates(),
            steps in prop::collection::vec((0..2000_u64, 1..60_u32), 1..100),
        ) {
            runtime().block_on(async {
                let (memory, mut model) = (Memory::default(), Model::new(rate));
                for (milliseconds, cost) in steps {
                    let time = Duration::from_millis(milliseconds);
                    tokio::time::advance(time).await;
                    model.pass(time);
                    prop_assert_eq!(memory.decide("key", rate, cost), model.take(cost));
                }
                Ok(())
            })?;
        }

        #[test]
        fn the_time_that_is_told_is_enough_and_not_too_long(
            rate in rates(),
            taken in 1..60_u32,
            cost in 1..60_u32,
        ) {
            runtime().block_on(async {
                let memory = Memory::default();
                memory.decide("key", rate, taken);
                if let Decision::Refused { retry_after } = memory.decide("key", rate, cost) {
                    tokio::time::advance(retry_after.saturating_sub(Duration::from_nanos(1))).await;
                    let decision = memory.decide("key", rate, cost);
                    prop_assert_ne!(decision, Decision::Allowed);
                    tokio::time::advance(Duration::from_nanos(1)).await;
                    prop_assert_eq!(memory.decide("key", rate, cost), Decision::Allowed);
                }
                Ok(())
            })?;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_key_and_each_rate_has_a_bucket_of_its_own() {
        let memory = Memory::default();
        let rate = Rate::per_second(1);
        assert_eq!(memory.decide("a", rate, 1), Decision::Allowed);
        assert_eq!(memory.decide("b", rate, 1), Decision::Allowed);
        assert_eq!(
            memory.decide("a", Rate::per_second(2), 1),
            Decision::Allowed
        );
        assert_ne!(memory.decide("a", rate, 1), Decision::Allowed);
    }

    #[tokio::test(start_paused = true)]
    async fn buckets_that_are_full_again_are_forgotten() {
        let memory = Memory::default();
        let rate = Rate::per_second(1);
        for _ in 0..10 {
            for caller in 0..Full::FEW {
                memory.decide(caller.to_string(), rate, 1);
            }
            tokio::time::advance(Duration::from_secs(1)).await;
            memory.decide("another", rate, 1);
            let kept = memory.with(rate, Limiter::kept);
            assert!(kept <= 2 * Full::FEW, "{kept} buckets");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn callers_for_whom_there_is_no_room_share_a_few_buckets() {
        let memory = Memory::bounded(10);
        let rate = Rate::per_second(1);
        let flood = (0..100_000)
            .filter(|caller: &u32| memory.decide(caller.to_string(), rate, 1) == Decision::Allowed);
        assert!(flood.count() <= 10 + 256);
        assert!(memory.with(rate, Limiter::kept) <= 10 + 256);
        // Who was there before keeps a bucket.
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(memory.decide("0", rate, 1), Decision::Allowed);
        // And there is room again, once the others are forgotten.
        assert_eq!(memory.decide("new", rate, 1), Decision::Allowed);
        assert_eq!(memory.with(rate, Limiter::kept), 2);
    }

    impl Limiter {
        fn kept(&self) -> usize {
            self.inner.len()
        }
    }

    impl ShrinkableKeyedStateStore<String> for Room {
        fn retain_recent(&self, _: Nanos) {}

        fn len(&self) -> usize {
            self.full_at.lock().unwrap().times.len()
        }

        fn is_empty(&self) -> bool {
            self.len() == 0
        }
    }
}
