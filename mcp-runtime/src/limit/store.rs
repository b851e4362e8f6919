//! [`Store`]: where the buckets of rates are kept.

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use super::{Memory, Rate};

/// Where the buckets of rates are kept.
///
/// [`Memory`] keeps them in this process, and a server has one unless [`Server::rate_store`](crate::Server::rate_store)
/// gives it another. Several processes of one server share their buckets in a store that all of them reach: `Redis`, with the feature
/// `redis`, or one of yours.
///
/// ```
/// use mcp_runtime::limit::{Decision, Rate, Store, Taken};
///
/// /// Lets everything through, and tells of it.
/// struct Told;
///
/// impl Store for Told {
///     fn take<'a>(&'a self, key: &'a str, rate: Rate, cost: u32) -> Taken<'a> {
///         println!("{cost} of {rate} for {key}");
///         Box::pin(async { Decision::Allowed })
///     }
/// }
/// ```
pub trait Store: Send + Sync + 'static {
    /// Takes so many tokens out of the bucket `key`, all of them or none.
    ///
    /// A bucket that nobody has asked for is full. One key comes with one rate only. A cost above the burst takes the whole
    /// bucket. This must come to an end soon, because the call waits for it.
    fn take<'a>(&'a self, key: &'a str, rate: Rate, cost: u32) -> Taken<'a>;
}

/// What [`Store::take`] returns.
pub type Taken<'a> = Pin<Box<dyn Future<Output = Decision> + Send + 'a>>;

/// Whether a call goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It goes through.
    Allowed,
    /// The bucket does not hold enough.
    Refused {
        /// The time after which it will, if nobody else takes from it.
        retry_after: Duration,
    },
    /// The bucket cannot be reached, and the store is set to let nothing through then.
    Unavailable {
        /// The time after which another try makes sense.
        retry_after: Duration,
    },
}

/// The store of a server, without a detour for the one that is there anyway.
#[derive(Clone)]
pub(crate) enum Buckets {
    Memory(Arc<Memory>),
    Other(Arc<dyn Store>),
}

impl Buckets {
    pub(crate) fn new(store: impl Store) -> Self {
        Self::Other(Arc::new(store))
    }

    pub(crate) async fn take(&self, key: String, rate: Rate, cost: u32) -> Decision {
        match self {
            Self::Memory(memory) => memory.decide(key, rate, cost),
            Self::Other(store) => store.take(&key, rate, cost).await,
        }
    }
}

impl Default for Buckets {
    fn default() -> Self {
        Self::Memory(Arc::default())
    }
}

impl fmt::Debug for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory(_) => "Memory",
            Self::Other(_) => "Other",
        })
    }
}
