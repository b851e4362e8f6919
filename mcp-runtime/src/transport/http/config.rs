//! [`Http`]: the builder of an endpoint.

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use super::{
    super::seat::Stand,
    HttpService,
    accept::Limits,
    environment::{Environment, variable},
    origin::{Hosts, Origins},
    place::Place,
    room::Room,
    rules::{self, Rules},
    sessions::Settings,
    token::Token,
};
#[cfg(feature = "auth")]
use crate::auth::Auth;
use crate::{Error, Result, Service};

/// The longest body of a request, unless something else says otherwise, in bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// A builder of an HTTP endpoint, made by [`Service::http`].
///
/// ```no_run
/// use std::time::Duration;
///
/// use mcp_runtime::{Server, handlers, tool};
/// use tokio::net::TcpListener;
///
/// /// Adds two numbers.
/// #[tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// #[tokio::main]
/// async fn main() -> mcp_runtime::Result<()> {
///     let service = Server::new("calculator", "1.0.0").add(handlers![add]).build()?;
///     let listener = TcpListener::bind("0.0.0.0:8080").await?;
///     service.http().allowed_hosts(["mcp.example.com"]).body_timeout(Duration::from_secs(5)).serve(listener).await
/// }
/// ```
///
/// # Who may connect
///
/// Unless [`allowed_hosts`](Self::allowed_hosts) says otherwise, only requests to `localhost` and to the addresses of the
/// loopback interface are served, and those of web pages only if the page comes from the server itself or from one of
/// [`allowed_origins`](Self::allowed_origins). Otherwise any web site could have a visitor's browser send requests here.
///
/// # Settings and variables
///
/// What is not set by a method is read from the environment when the endpoint is made. A variable that cannot be read is an
/// error then, also if a method wins over it.
///
/// | method | variable | otherwise |
/// |---|---|---|
/// | [`allowed_hosts`](Self::allowed_hosts) | `MCP_HTTP_ALLOWED_HOSTS`, separated by commas | `localhost`, `127.0.0.0/8`, `[::1]`; any on a unix socket |
/// | [`allowed_origins`](Self::allowed_origins) | `MCP_HTTP_ALLOWED_ORIGINS`, separated by commas | none but the server's own |
/// | [`local_token`](Self::local_token) | `MCP_HTTP_TOKEN`: a token of at least 16 characters, or `generate` | none |
/// | [`max_body_bytes`](Self::max_body_bytes) | `MCP_HTTP_MAX_BODY_BYTES` | 4 MiB |
/// | [`max_connections`](Self::max_connections) | `MCP_HTTP_MAX_CONNECTIONS` | 10,000 |
/// | [`header_timeout`](Self::header_timeout) | `MCP_HTTP_HEADER_TIMEOUT`, in seconds | 10 s |
/// | [`body_timeout`](Self::body_timeout) | `MCP_HTTP_BODY_TIMEOUT`, in seconds | 30 s |
/// | [`drain_timeout`](Self::drain_timeout) | `MCP_HTTP_DRAIN_TIMEOUT`, in seconds | 10 s |
/// | [`max_sessions`](Self::max_sessions) | `MCP_HTTP_MAX_SESSIONS` | 10,000 |
/// | [`max_sessions_per_principal`](Self::max_sessions_per_principal) | `MCP_HTTP_MAX_SESSIONS_PER_PRINCIPAL` | 1,000 |
/// | [`session_timeout`](Self::session_timeout) | `MCP_HTTP_SESSION_TIMEOUT`, in seconds | 30 min |
/// | the address of [`serve_tcp`](Self::serve_tcp) | `MCP_HTTP_ADDR`, which wins over the method | |
/// | [`path`](Self::path) | | `/mcp` |
/// | [`cors`](Self::cors) | | off |
/// | [`json_only`](Self::json_only) | | off |
/// | [`keep_alive`](Self::keep_alive) | | 15 s |
/// | [`stateless`](Self::stateless) | | off |
/// | `sse`, with the feature of that name | | off |
///
/// What never ends by itself is limited, too: 10,000 streams of changes may be open, 1,000 of one [`Principal`](crate::Principal), and
/// 1,024 calls may go on whose clients are gone, in revisions where going is no cancellation, 128 of one principal. Callers that
/// nobody knows cannot be told apart, and count in all alone.
#[must_use = "an endpoint does nothing until it is served or mounted"]
pub struct Http {
    pub(super) service: Service,
    pub(super) choices: Choices,
    pub(super) until: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    #[cfg(feature = "prometheus")]
    pub(super) metrics: Option<crate::metrics::Prometheus>,
}

/// What was said about an endpoint.
#[derive(Debug)]
pub(super) struct Choices {
    pub(super) local_token: Option<bool>,
    pub(super) path: String,
    hosts: Option<Vec<String>>,
    origins: Option<Vec<String>>,
    cors: bool,
    max_body_bytes: Option<usize>,
    max_connections: Option<usize>,
    header_timeout: Option<Duration>,
    body_timeout: Option<Duration>,
    drain_timeout: Option<Duration>,
    keep_alive: Duration,
    json_only: bool,
    sessions: Settings,
    #[cfg(feature = "auth")]
    pub(super) auth: Option<Auth>,
}

impl Http {
    pub(super) fn new(service: Service) -> Self {
        let choices = Choices {
            local_token: None,
            path: "/mcp".to_owned(),
            hosts: None,
            origins: None,
            cors: false,
            max_body_bytes: None,
            max_connections: None,
            header_timeout: None,
            body_timeout: None,
            drain_timeout: None,
            keep_alive: Duration::from_secs(15),
            json_only: false,
            sessions: Settings::default(),
            #[cfg(feature = "auth")]
            auth: None,
        };
        Self {
            service,
            choices,
            until: None,
            #[cfg(feature = "prometheus")]
            metrics: None,
        }
    }

    /// The path of the endpoint, if this serves it: `/mcp` unless this says otherwise. `/healthz` and `/readyz` stand beside it.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.choices.path = path.into();
        self
    }

    /// The hosts that requests may be sent to, as they stand in the header `Host`: names, with a port if it matters; `*` for
    /// any. They replace those of this machine.
    pub fn allowed_hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.choices.hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// The web pages that may send requests, as they stand in the header `Origin`, such as `https://app.example.com`; `*` for
    /// any. Pages of the server itself always may.
    pub fn allowed_origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.choices.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Whether browsers are told that pages of the allowed origins may read the answers (CORS). Off unless this turns it on.
    pub fn cors(mut self, yes: bool) -> Self {
        self.choices.cors = yes;
        self
    }

    /// The longest body of a request, in bytes. A longer one is refused without being read.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.choices.max_body_bytes = Some(bytes);
        self
    }

    /// How many connections are served at a time. Others wait.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.choices.max_connections = Some(connections);
        self
    }

    /// How long the head of a request may take, from its first byte on. Without one the connection is closed.
    pub fn header_timeout(mut self, timeout: Duration) -> Self {
        self.choices.header_timeout = Some(timeout);
        self
    }

    /// How long the body of a request may take.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.choices.body_timeout = Some(timeout);
        self
    }

    /// How long requests in flight may go on when serving is to end.
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.choices.drain_timeout = Some(timeout);
        self
    }

    /// How long a stream may be silent before a comment is written, which keeps proxies from closing it.
    pub fn keep_alive(mut self, period: Duration) -> Self {
        self.choices.keep_alive = period;
        self
    }

    /// Whether answers are never streamed to clients that take JSON: for those that can read nothing else. What a handler
    /// says before its answer is lost then. Off unless this turns it on.
    pub fn json_only(mut self, yes: bool) -> Self {
        self.choices.json_only = yes;
        self
    }

    /// What is said about sessions.
    pub(super) fn sessions(&mut self) -> &mut Settings {
        &mut self.choices.sessions
    }

    /// Serves until `end` completes, instead of until the process is told to end by a signal.
    pub fn until(mut self, end: impl Future<Output = ()> + Send + 'static) -> Self {
        self.until = Some(Box::pin(end));
        self
    }

    /// The endpoint as a tower service, which mounts into any application.
    ///
    /// # Errors
    ///
    /// [`Error::Build`] with all settings and variables that are not right.
    pub fn service(self) -> Result<HttpService> {
        let (rules, _) = self.choices.resolve(Place::Unknown, &variable)?;
        rules.tell(&Place::Unknown.told(""));
        Ok(HttpService::new(self.service, rules))
    }
}

impl Choices {
    pub(super) fn resolve(
        self,
        place: Place,
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(Rules, Limits)> {
        let mut environment = Environment::new(read);
        let env = &mut environment;
        let hosts = env.list("MCP_HTTP_ALLOWED_HOSTS");
        let names_hosts = self.hosts.is_some() || hosts.is_some();
        self.check(place, names_hosts, &mut env.problems);
        let hosts = self.hosts.or(hosts);
        let origins = self.origins.or(env.list("MCP_HTTP_ALLOWED_ORIGINS"));
        let origins = Arc::new(origins.map_or(Origins::Only(Vec::new()), Origins::of));
        let max_body_bytes = env.count("MCP_HTTP_MAX_BODY_BYTES");
        let max_connections = env.count("MCP_HTTP_MAX_CONNECTIONS");
        let header_timeout = env.seconds("MCP_HTTP_HEADER_TIMEOUT");
        let body_timeout = env.seconds("MCP_HTTP_BODY_TIMEOUT");
        let drain_timeout = env.seconds("MCP_HTTP_DRAIN_TIMEOUT");
        let token = Token::resolve(self.local_token, env);
        let session_limits = self.sessions.limits(env);
        #[cfg(feature = "auth")]
        let gate = self.auth.and_then(|auth| {
            if token.is_some() {
                let problem = "`auth` and `local_token` (or `MCP_HTTP_TOKEN`) both want the header `Authorization`: leave one out";
                env.problems.push(problem.into());
            }
            auth.build(&mut env.problems)
        });
        let problems = environment.problems;
        if !problems.is_empty() {
            return Err(Error::Build(problems));
        }
        let unsaid = if place == Place::File {
            Hosts::Any
        } else {
            Hosts::Loopback
        };
        let seconds = Duration::from_secs;
        let rules = Rules {
            hosts: hosts.map_or(unsaid, Hosts::of),
            cors: self.cors.then(|| rules::cors(&origins)),
            origins,
            max_body_bytes: self.max_body_bytes.or(max_body_bytes).unwrap_or(MAX_BODY),
            body_timeout: self.body_timeout.or(body_timeout).unwrap_or(seconds(30)),
            keep_alive: self.keep_alive,
            json_only: self.json_only,
            token,
            room: Room::default(),
            stand: Stand::default(),
            sessions: self.sessions.sessions(&session_limits),
            #[cfg(feature = "sse")]
            sse: self.sessions.sse(session_limits),
            #[cfg(feature = "auth")]
            gate,
        };
        let limits = Limits {
            header_timeout: self
                .header_timeout
                .or(header_timeout)
                .unwrap_or(seconds(10)),
            max_connections: self.max_connections.or(max_connections).unwrap_or(10_000),
            drain_timeout: self.drain_timeout.or(drain_timeout).unwrap_or(seconds(10)),
        };
        Ok((rules, limits))
    }

    /// Finds out what cannot be meant.
    fn check(&self, place: Place, names_hosts: bool, problems: &mut Vec<String>) {
        if !names_hosts {
            problems.extend(place.problem());
        }
        if !self.path.starts_with('/') {
            problems.push(format!("the path `{}` must start with `/`", self.path));
        }
        if self.keep_alive.is_zero() {
            problems.push("`keep_alive` must be more than zero".into());
        }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("choices", &self.choices)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Choices {
        let service = crate::Server::new("x", "1").build().unwrap();
        service.http().choices
    }

    fn at(address: &str) -> Place {
        Place::At(address.parse().unwrap())
    }

    #[test]
    fn what_is_not_said_comes_from_the_environment() {
        let read = |name: &str| match name {
            "MCP_HTTP_ALLOWED_HOSTS" => Some("a, b".to_owned()),
            "MCP_HTTP_ALLOWED_ORIGINS" => Some("*".to_owned()),
            "MCP_HTTP_MAX_CONNECTIONS" => Some("5".to_owned()),
            "MCP_HTTP_BODY_TIMEOUT" => Some("1.5".to_owned()),
            _ => None,
        };
        let mut choices = choices();
        choices.max_connections = Some(7);
        let (rules, limits) = choices.resolve(at("0.0.0.0:80"), &read).unwrap();
        assert_eq!(rules.hosts, Hosts::Only(vec!["a".into(), "b".into()]));
        assert_eq!(*rules.origins, Origins::Any);
        assert_eq!(rules.body_timeout, Duration::from_millis(1500));
        assert_eq!(rules.max_body_bytes, MAX_BODY);
        assert_eq!(limits.max_connections, 7);
    }

    #[test]
    fn a_variable_that_cannot_be_read_is_an_error_even_if_it_does_not_count() {
        let read = |name: &str| name.ends_with("CONNECTIONS").then(|| "many".to_owned());
        let mut choices = choices();
        choices.max_connections = Some(7);
        let Err(Error::Build(problems)) = choices.resolve(Place::Unknown, &read) else {
            panic!("it is taken");
        };
        let problem =
            "the variable `MCP_HTTP_MAX_CONNECTIONS` must be a whole number above 0, not `many`";
        assert_eq!(problems, [problem]);
    }

    #[test]
    fn hosts_are_asked_for_where_other_machines_can_connect() {
        let nothing = |_: &str| None;
        for (place, hosts) in [
            (at("127.0.0.1:80"), Some(Hosts::Loopback)),
            (at("[::1]:80"), Some(Hosts::Loopback)),
            (Place::Unknown, Some(Hosts::Loopback)),
            (Place::File, Some(Hosts::Any)),
            (at("0.0.0.0:80"), None),
            (at("[::]:80"), None),
            (at("192.0.2.1:80"), None),
        ] {
            let resolved = choices().resolve(place, &nothing);
            assert_eq!(
                resolved.ok().map(|(rules, _)| rules.hosts),
                hosts,
                "{place:?}"
            );
        }
    }
}
