//! Messages for the log of the client, which the protocol has deprecated.

use std::sync::{
    Once,
    atomic::{AtomicU8, Ordering},
};

use rmcp::{
    Peer, RoleServer,
    model::{ErrorData, RequestMetaObject, ServerNotification},
};
use serde::Serialize;
use serde_json::Value;

use super::{Caller, Context, Sink};
use crate::refusal;

/// The key of `_meta` in which a request of a revision without sessions says what it wants to be told.
const LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// The key under which the level of a session stands beside what rmcp knows of the client.
const SESSION: &str = "mcp-runtime/logLevel";

/// How grave a message for the log of the client is, from the least to the most grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// Of use to whoever looks for a mistake.
    Debug,
    /// What is going on.
    Info,
    /// Of some importance, and nothing wrong.
    Notice,
    /// Something may be wrong.
    Warning,
    /// Something failed.
    Error,
    /// A part of the server does not work.
    Critical,
    /// Somebody has to do something at once.
    Alert,
    /// The server cannot be used.
    Emergency,
}

/// The levels in their order.
const LEVELS: [(LogLevel, &str); 8] = [
    (LogLevel::Debug, "debug"),
    (LogLevel::Info, "info"),
    (LogLevel::Notice, "notice"),
    (LogLevel::Warning, "warning"),
    (LogLevel::Error, "error"),
    (LogLevel::Critical, "critical"),
    (LogLevel::Alert, "alert"),
    (LogLevel::Emergency, "emergency"),
];

impl LogLevel {
    /// The name that the protocol has for the level, such as `warning`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        LEVELS[self as usize].1
    }

    /// The level of a name of the protocol.
    pub(crate) fn named(name: &str) -> Option<Self> {
        LEVELS
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(level, _)| *level)
    }
}

impl Context {
    /// Sends a message to the log of the client: any value that is `Serialize`, usually a text or an object.
    ///
    /// Nothing is sent unless the server has [`Server::client_logging`](crate::Server::client_logging) and the client wants to
    /// be told of this level: where there are no sessions, each request says so; a session gets `info` and above until it asks
    /// for something else. After the end of the call, nothing is sent. Everything in the message can be seen by the client.
    #[deprecated = "the protocol has deprecated logging to the client: log with `tracing`, and tell the user with `Context::progress`"]
    pub async fn log(&self, level: LogLevel, data: impl Serialize) {
        if let Some(message) = self.message(level, None, data) {
            self.tell(message).await;
        }
    }

    /// Sends a message to the log of the client under the name of a part of the server: [`log`](Self::log).
    #[deprecated = "the protocol has deprecated logging to the client: log with `tracing`, and tell the user with `Context::progress`"]
    pub async fn log_as(&self, logger: &str, level: LogLevel, data: impl Serialize) {
        if let Some(message) = self.message(level, Some(logger), data) {
            self.tell(message).await;
        }
    }

    /// Whether the client is to be told of this level.
    pub(crate) fn logs(&self, level: LogLevel) -> bool {
        self.may_log()
            && !self.0.reports.is_ended()
            && self
                .0
                .caller
                .log_level()
                .is_some_and(|least| level >= least)
    }

    fn may_log(&self) -> bool {
        let service = self.0.service.as_ref();
        service.is_some_and(|service| service.parts().settings.client_logging)
    }

    fn message(
        &self,
        level: LogLevel,
        logger: Option<&str>,
        data: impl Serialize,
    ) -> Option<ServerNotification> {
        if self.0.service.is_some() && !self.may_log() {
            static WARNED: Once = Once::new();
            WARNED.call_once(|| {
                tracing::warn!(
                    "a handler logs to its client: allow it with `Server::client_logging`"
                );
            });
        }
        if !self.logs(level) {
            return None;
        }
        match serde_json::to_value(data) {
            Ok(data) => Some(notification(level, logger, data)),
            Err(problem) => {
                tracing::warn!(%problem, "a message for the client has no JSON form");
                None
            }
        }
    }
}

#[expect(
    deprecated,
    reason = "the protocol has deprecated it; clients still ask for it"
)]
pub(crate) fn notification(
    level: LogLevel,
    logger: Option<&str>,
    data: Value,
) -> ServerNotification {
    use rmcp::model::{LoggingLevel, LoggingMessageNotification, LoggingMessageNotificationParam};
    let level = match level {
        LogLevel::Debug => LoggingLevel::Debug,
        LogLevel::Info => LoggingLevel::Info,
        LogLevel::Notice => LoggingLevel::Notice,
        LogLevel::Warning => LoggingLevel::Warning,
        LogLevel::Error => LoggingLevel::Error,
        LogLevel::Critical => LoggingLevel::Critical,
        LogLevel::Alert => LoggingLevel::Alert,
        LogLevel::Emergency => LoggingLevel::Emergency,
    };
    let mut param = LoggingMessageNotificationParam::new(level, data);
    param.logger = logger.map(ToOwned::to_owned);
    LoggingMessageNotification::new(param).into()
}

impl Caller {
    /// The least level that the client wants to be told of, if it wants to be told at all.
    fn log_level(&self) -> Option<LogLevel> {
        if !self.version.has_initialize() {
            return self.meta.get(LEVEL).and_then(read);
        }
        Some(match &self.sink {
            Sink::None => return None,
            Sink::Peer(peer) => of_session(peer),
            Sink::Outbox(_) => self.client.log_level.get(),
            #[cfg(feature = "http")]
            Sink::Feed(_) => self.client.log_level.get(),
        })
    }

    /// Refuses a request that asks for a level that there is not.
    pub(crate) fn check_level(&self) -> Result<(), ErrorData> {
        let level = self
            .meta
            .get(LEVEL)
            .filter(|_| !self.version.has_initialize());
        if level.is_some_and(|level| read(level).is_none()) {
            return Err(ErrorData::invalid_params(
                format!("`{LEVEL}` must be {}", names()),
                None,
            ));
        }
        Ok(())
    }
}

/// The level of `logging/setLevel`.
pub(crate) fn required_level(name: &str) -> Result<LogLevel, ErrorData> {
    let problem = || refusal::params("logging/setLevel", &format!("`level` must be {}", names()));
    LogLevel::named(name).ok_or_else(problem)
}

/// Sets the level of the session of a peer. It stands beside what rmcp knows of the client, because that lives as long as the
/// session does.
pub(crate) fn set_level_of_session(peer: &Peer<RoleServer>, level: LogLevel) {
    if let Some(info) = peer.peer_info() {
        let mut info = (*info).clone();
        let meta = info.meta.get_or_insert_default();
        meta.insert(SESSION.into(), level.as_str().into());
        peer.set_peer_info(info);
    }
}

fn of_session(peer: &Peer<RoleServer>) -> LogLevel {
    let info = peer.peer_info();
    let meta: Option<&RequestMetaObject> = info.as_ref().and_then(|info| info.meta.as_ref());
    let level = meta.and_then(|meta| meta.get(SESSION)).and_then(read);
    level.unwrap_or(LogLevel::Info)
}

fn read(level: &Value) -> Option<LogLevel> {
    level.as_str().and_then(LogLevel::named)
}

fn names() -> String {
    let names: Vec<String> = LEVELS.iter().map(|(_, name)| format!("`{name}`")).collect();
    let (last, others) = names
        .split_last()
        .map_or((String::new(), &[][..]), |(last, others)| {
            (last.clone(), others)
        });
    format!("{} or {last}", others.join(", "))
}

/// The least level that a session wants to be told of, which it may change at any time.
#[derive(Debug)]
pub(crate) struct Least(AtomicU8);

impl Default for Least {
    fn default() -> Self {
        Self(AtomicU8::new(LogLevel::Info as u8))
    }
}

impl Least {
    pub(crate) fn set(&self, level: LogLevel) {
        self.0.store(level as u8, Ordering::Relaxed);
    }

    fn get(&self) -> LogLevel {
        let level = usize::from(self.0.load(Ordering::Relaxed));
        LEVELS
            .get(level)
            .map_or(LogLevel::Info, |(level, _)| *level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_the_names_and_the_order_of_the_protocol() {
        for (at, (level, name)) in LEVELS.into_iter().enumerate() {
            assert_eq!(level as usize, at);
            assert_eq!(level.as_str(), name);
            assert_eq!(LogLevel::named(name), Some(level));
        }
        assert!(LEVELS.is_sorted());
        for wrong in ["", "Info", "warn", "trace", "off"] {
            assert_eq!(LogLevel::named(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_unknown_level_is_refused_with_those_that_there_are() {
        let refused = required_level("loud").unwrap_err();
        assert_eq!(refused.code.0, -32602);
        assert!(refused.message.contains("`debug`, `info`"), "{refused}");
        assert!(refused.message.contains("or `emergency`"), "{refused}");
    }

    #[test]
    fn a_session_is_told_of_info_until_it_asks_for_something_else() {
        let least = Least::default();
        assert_eq!(least.get(), LogLevel::Info);
        least.set(LogLevel::Emergency);
        assert_eq!(least.get(), LogLevel::Emergency);
    }
}
