//! What is said about the sessions of an endpoint.

use std::{sync::Arc, time::Duration};

#[cfg(feature = "sse")]
use super::sse::Sse;
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
    /// The paths of the transport of 2024-11-05.
    #[cfg(feature = "sse")]
    sse: Option<(String, String)>,
}

/// The limits of sessions.
#[derive(Clone, Debug)]
pub(in super::super) struct SessionLimits {
    pub(super) most: usize,
    pub(super) most_of_one: usize,
    pub(super) idle: Duration,
}

impl Settings {
    /// The limits. What is not said comes from the environment.
    pub(in super::super) fn limits(&self, environment: &mut Environment<'_>) -> SessionLimits {
        let most = environment.count("MCP_HTTP_MAX_SESSIONS");
        let most_of_one = environment.count("MCP_HTTP_MAX_SESSIONS_PER_PRINCIPAL");
        let idle = environment.seconds("MCP_HTTP_SESSION_TIMEOUT");
        #[cfg(feature = "sse")]
        for path in self
            .sse
            .iter()
            .flat_map(|(stream, messages)| [stream, messages])
        {
            if !path.starts_with('/') {
                let problem = format!("the path `{path}` must start with `/`");
                environment.problems.push(problem);
            }
        }
        SessionLimits {
            most: self.most.or(most).unwrap_or(10_000),
            most_of_one: self.most_of_one.or(most_of_one).unwrap_or(1000),
            idle: self.idle.or(idle).unwrap_or(Duration::from_secs(30 * 60)),
        }
    }

    /// Where sessions are kept, if there are any.
    pub(in super::super) fn sessions(&self, limits: &SessionLimits) -> Option<Arc<Sessions>> {
        let table = || Arc::new(Sessions::new(limits.clone()));
        (!self.stateless).then(table)
    }

    /// The transport of 2024-11-05, if it is served.
    #[cfg(feature = "sse")]
    pub(in super::super) fn sse(self, limits: SessionLimits) -> Option<Sse> {
        let (stream, messages) = self.sse?;
        tracing::warn!(
            path = stream,
            "the HTTP transport of 2024-11-05 is served, which is deprecated"
        );
        let sessions = Arc::new(Sessions::new(limits));
        Some(Sse {
            stream,
            messages,
            sessions,
        })
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

    /// Also serves the HTTP transport of 2024-11-05 (HTTP+SSE), at paths of its own: a stream is opened with GET at `stream`, and
    /// messages are sent with POST to `messages`.
    ///
    /// It is deprecated in the protocol, and here for clients that know nothing else; whoever does not have to, should not
    /// serve it. Clients that also know no later revision need
    /// [`Server::older_versions`](crate::Server::older_versions).
    ///
    /// ```no_run
    /// # async fn serve(service: mcp_runtime::Service) -> mcp_runtime::Result<()> {
    /// service.http().sse("/sse", "/messages").serve_tcp("127.0.0.1:8080").await
    /// # }
    /// ```
    ///
    /// Where the endpoint is mounted into an application, both paths have to lead to it as they are.
    ///
    /// Requests of a client that does not read its stream wait until it does, for as long as the body of a request may take
    /// ([`body_timeout`](Self::body_timeout)); then they are refused with 503.
    #[cfg(feature = "sse")]
    pub fn sse(mut self, stream: impl Into<String>, messages: impl Into<String>) -> Self {
        self.sessions().sse = Some((stream.into(), messages.into()));
        self
    }
}
