//! [`Redis`]: buckets that several processes share.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ::redis::{AsyncConnectionConfig, Client, RedisResult, Script, aio::MultiplexedConnection};
use data_encoding::HEXLOWER;
use tokio::time::{Instant, timeout};

use super::{Decision, Rate, Store, Taken};
use crate::fingerprint::Fingerprint;

/// What runs in Redis.
const TAKE: &str = include_str!("take.lua");

/// Buckets in a Redis server, or in anything that speaks its protocol: all processes that name the same server share them.
///
/// ```no_run
/// use mcp_runtime::{Server, limit::Redis};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let buckets = Redis::new("redis://127.0.0.1/")?.fail_open();
/// let server = Server::new("example", "1.0.0").rate_store(buckets);
/// # Ok(())
/// # }
/// ```
///
/// One script takes the tokens, by the clock of Redis, so that no two processes count differently. The connection is made by the
/// first call that needs it. A call waits no longer than the [time-out](Self::timeout); when Redis does not answer, calls
/// are refused, or let through after [`fail_open`](Self::fail_open), and every
/// [now and then](Self::retry_every) one of them tries whether it is back.
///
/// The keys in Redis are a prefix and a hash: who calls is not to be read there.
pub struct Redis {
    client: Client,
    script: Script,
    prefix: String,
    timeout: Duration,
    retry_every: Duration,
    is_open: bool,
    link: Mutex<Link>,
    connecting: tokio::sync::Mutex<()>,
}

/// The way to Redis.
#[derive(Default)]
struct Link {
    connection: Option<MultiplexedConnection>,
    /// Before this time nobody tries again.
    down_until: Option<Instant>,
}

/// Why a [`Redis`] cannot be: its URL is none.
#[derive(Debug)]
pub struct RedisError(::redis::RedisError);

impl Redis {
    /// The store behind a URL: `redis://[:password@]host[:port][/database]`, or `redis+unix:///path` for a socket. `rediss://`, with
    /// TLS, works if a program turns on such a feature of the crate `redis`, version 1.
    ///
    /// # Errors
    ///
    /// If the URL is none. Whether anybody listens there is not tried.
    pub fn new(url: &str) -> Result<Self, RedisError> {
        Ok(Self {
            client: Client::open(url).map_err(RedisError)?,
            script: Script::new(TAKE),
            prefix: "mcp:rate:".to_owned(),
            timeout: Duration::from_millis(250),
            retry_every: Duration::from_millis(500),
            is_open: false,
            link: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
        })
    }

    /// What the keys in Redis begin with: `mcp:rate:` unless this says otherwise.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a call waits for Redis, connecting included: 250 ms unless this says otherwise.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The time after which a Redis that did not answer is tried again: 500 ms unless this says otherwise. Calls in between are
    /// decided at once.
    #[must_use]
    pub fn retry_every(mut self, time: Duration) -> Self {
        self.retry_every = time;
        self
    }

    /// While Redis does not answer, nothing is limited.
    #[must_use]
    pub fn fail_open(mut self) -> Self {
        self.is_open = true;
        self
    }

    /// While Redis does not answer, calls with a limit are refused. It is so unless [`fail_open`](Self::fail_open) says otherwise.
    #[must_use]
    pub fn fail_closed(mut self) -> Self {
        self.is_open = false;
        self
    }

    async fn decide(&self, key: &str, rate: Rate, cost: u32) -> Decision {
        if let Some(left) = self.left() {
            return self.without(left);
        }
        let problem = match timeout(self.timeout, self.ask(key, rate, cost)).await {
            Ok(Ok(0)) => return Decision::Allowed,
            Ok(Ok(wait)) => {
                let retry_after = Duration::from_micros(wait);
                return Decision::Refused { retry_after };
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {:?}", self.timeout),
        };
        tracing::warn!(
            problem,
            lets_through = self.is_open,
            "the store of rates does not answer"
        );
        *self.link() = Link {
            connection: None,
            down_until: Some(Instant::now() + self.retry_every),
        };
        self.without(self.retry_every)
    }

    /// The time that is left until Redis is tried again.
    fn left(&self) -> Option<Duration> {
        let left = self
            .link()
            .down_until?
            .saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn without(&self, retry_after: Duration) -> Decision {
        if self.is_open {
            Decision::Allowed
        } else {
            Decision::Unavailable { retry_after }
        }
    }

    /// The microseconds to wait; zero if the tokens are taken.
    async fn ask(&self, key: &str, rate: Rate, cost: u32) -> RedisResult<u64> {
        let mut connection = self.connection().await?;
        let print = Fingerprint::of(&[key, &rate.to_string()]);
        let key = format!("{}{}", self.prefix, HEXLOWER.encode(&print));
        let mut call = self.script.key(key);
        call.arg(rate.interval().as_secs_f64() * 1e6);
        call.arg(rate.burst()).arg(cost.clamp(1, rate.burst()));
        call.invoke_async(&mut connection).await
    }

    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        if let Some(connection) = self.link().connection.clone() {
            return Ok(connection);
        }
        let _alone = self.connecting.lock().await;
        // Another call may have connected in the meantime.
        if let Some(connection) = self.link().connection.clone() {
            return Ok(connection);
        }
        // The whole call has a time-out already.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let client = &self.client;
        let connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        *self.link() = Link {
            connection: Some(connection.clone()),
            down_until: None,
        };
        Ok(connection)
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Redis {
    fn take<'a>(&'a self, key: &'a str, rate: Rate, cost: u32) -> Taken<'a> {
        Box::pin(self.decide(key, rate, cost))
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .field("is_open", &self.is_open)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for RedisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the URL of a Redis server")
    }
}

impl std::error::Error for RedisError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
