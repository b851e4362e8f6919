//! [`Verify`]: who finds out who is calling.

use std::{borrow::Cow, fmt, pin::Pin};

use http::{HeaderName, request::Parts};

use super::resource::is_safe;
use crate::Principal;

/// Finds out who is calling, from the head of a request.
///
/// A function does that, too: one that returns a future which holds nothing of the request.
///
/// ```
/// use mcp_runtime::{
///     Principal,
///     auth::{Auth, Denied},
/// };
///
/// let auth = Auth::new("http://localhost:8080/mcp").verifier(|request: &http::request::Parts| {
///     let user = request.headers.get("x-user").map(|user| user.to_str().map(Principal::new));
///     async move { user.transpose().map_err(|_| Denied::invalid("the user has no name")) }
/// });
/// ```
pub trait Verify: Send + Sync + 'static {
    /// Says who is calling; `None` if the request has nothing that this verifier knows, so that the next one is asked.
    ///
    /// # Errors
    ///
    /// [`Denied`] if the request is not to be served, whatever others say.
    fn verify(
        &self,
        request: &Parts,
    ) -> impl Future<Output = Result<Option<Principal>, Denied>> + Send;

    /// Learns what is protected, when the endpoint is made. Mistakes of the configuration are told to [`Setup::problem`].
    fn prepare(&mut self, setup: &mut Setup<'_>) {
        let _ = setup;
    }
}

impl<F, Fut> Verify for F
where
    F: Fn(&Parts) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<Principal>, Denied>> + Send,
{
    fn verify(
        &self,
        request: &Parts,
    ) -> impl Future<Output = Result<Option<Principal>, Denied>> + Send {
        self(request)
    }
}

/// Why a request is not served.
///
/// The client is told of it; never put a token into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    pub(super) kind: Denial,
    pub(super) reason: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denial {
    /// What the request proves itself with is no proof.
    Invalid,
    /// Nobody can tell at the moment.
    Unavailable,
}

impl Denied {
    /// What the request proves itself with is no proof: it is expired, revoked, for somebody else, or made up. The answer is 401.
    pub fn invalid(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: Denial::Invalid,
            reason: reason.into(),
        }
    }

    /// Nobody can tell at the moment, because something that is needed for it does not answer. The answer is 503.
    pub fn unavailable(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: Denial::Unavailable,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Denied {}

/// What a verifier learns when an endpoint is made, and what it tells in turn.
#[derive(Debug)]
pub struct Setup<'a> {
    pub(super) resource: &'a str,
    pub(super) issuers: &'a [String],
    pub(super) servers: Vec<String>,
    pub(super) secret_headers: Vec<HeaderName>,
    pub(super) problems: Vec<String>,
}

impl Setup<'_> {
    /// The URI of what is protected, in its canonical form: the audience that tokens must be for.
    pub fn resource(&self) -> &str {
        self.resource
    }

    /// The authorization servers of [`Auth::issuer`](super::Auth::issuer).
    pub fn issuers(&self) -> &[String] {
        self.issuers
    }

    /// Clients are to get their tokens from this authorization server, too.
    pub fn authorization_server(&mut self, issuer: impl Into<String>) {
        let issuer = issuer.into();
        if self.is_safe(&issuer) {
            self.servers.push(issuer);
        }
    }

    /// This header carries a secret, which is nobody's business afterwards. `Authorization` is one anyway.
    pub fn secret_header(&mut self, name: HeaderName) {
        self.secret_headers.push(name);
    }

    /// Something is wrong with the configuration: the endpoint is not made, and this is said.
    pub fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    /// Refuses a URL that secrets must not be sent to, or that answers cannot be believed from.
    pub(super) fn is_safe(&mut self, url: &str) -> bool {
        let safe = is_safe(url);
        if !safe {
            self.problem(format!(
                "`{url}` must be an `https` URL: only those of this machine may be `http`"
            ));
        }
        safe
    }
}

/// A future in a box.
pub(super) type Verifying<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Principal>, Denied>> + Send + 'a>>;

/// A verifier of any type.
pub(super) trait AnyVerifier: Send + Sync {
    fn verify<'a>(&'a self, request: &'a Parts) -> Verifying<'a>;
    fn prepare(&mut self, setup: &mut Setup<'_>);
}

impl<V: Verify> AnyVerifier for V {
    fn verify<'a>(&'a self, request: &'a Parts) -> Verifying<'a> {
        Box::pin(Verify::verify(self, request))
    }

    fn prepare(&mut self, setup: &mut Setup<'_>) {
        Verify::prepare(self, setup);
    }
}
