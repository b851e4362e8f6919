//! What is said about the sessions of an endpoint.

use std::{sync::Arc, time::Duration};

use super::{
    super::{config::Http, environment::Environment},
    Sessions,
};

/// What was said about sessions.
#[derive(Debug, Default)]
pub(in super::super) struct Settings {
    stateless: bool,
    most: Option<usize>,
    most_of_one: Option<usize>,
    idle: Option<Duration>,
}

/// The limits of sessions.
#[derive(Clone, Debug)]
pub(in super::super) struct SessionLimits {
    pub(super) most: usize,
    pub(super) most_of_one: usize,
    pub(super) idle: Duration,
}

impl Settings {
    /// Where the sessions are kept, if there are any. What is not said comes from the environment.
    pub(in super::super) fn resolve(
        self,
        environment: &mut Environment<'_>,
    ) -> Option<Arc<Sessions>> {
        let most = environment.count("MCP_HTTP_MAX_SESSIONS");
        let most_of_one = environment.count("MCP_HTTP_MAX_SESSIONS_PER_PRINCIPAL");
        let idle = environment.seconds("MCP_HTTP_SESSION_TIMEOUT");
        let limits = SessionLimits {
            most: self.most.or(most).unwrap_or(10_000),
            most_of_one: self.most_of_one.or(most_of_one).unwrap_or(1000),
            idle: self.idle.or(idle).unwrap_or(Duration::from_secs(30 * 60)),
        };
        (!self.stateless).then(|| Arc::new(Sessions::new(limits)))
    }
}

impl Http {
    /// Whether clients of revisions up to 2025-11-25 are served without sessions: each request then stands for itself, on
    /// whichever of several servers, and handlers cannot ask those clients anything. Off unless this turns it on; since
    /// 2026-07-28 there are no sessions in any case.
    pub fn stateless(mut self, yes: bool) -> Self {
        self.sessions().stateless = yes;
        self
    }

    /// How many sessions may be open at a time. Clients that want another one are told to come back later.
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.sessions().most = Some(sessions);
        self
    }

    /// How many sessions of one [`Principal`](crate::Principal) may be open at a time.
    pub fn max_sessions_per_principal(mut self, sessions: usize) -> Self {
        self.sessions().most_of_one = Some(sessions);
        self
    }

    /// How long a session may be idle: without a request, a call that runs, and a stream that is open. Then it ends, and the
    /// client has to open another one.
    pub fn session_timeout(mut self, timeout: Duration) -> Self {
        self.sessions().idle = Some(timeout);
        self
    }
}
